// Stands in for url-parse in the upload client: browsers have URL themselves.
export default URL
