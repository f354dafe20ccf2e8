// Package pass says what lets someone in through a browser: a session, a one-time
// login, a return code, a grant to upload, an upload's own record, a case page's
// and an evidence link's token. It holds their shapes and rules; storage keeps
// them, web checks them.
package pass
