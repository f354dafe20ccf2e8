package pass

// codeLength is 128 bits in letters that survive being read, typed and put into a
// path; the last carries three.
const codeLength = 26

// IsCode says whether text has the form of a code of ours, such as a cookie, a
// token or the id of an upload: 26 characters a–z, 2–7. Nothing else is ever
// looked up or becomes part of a path.
func IsCode(text string) bool {
	if len(text) != codeLength {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
