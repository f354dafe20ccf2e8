package verify

// Report is what was found. Lists are never null.
type Report struct {
	OK        bool      `json:"ok"` // everything that is there holds, nothing promised is missing, and what the reader asked for is so
	Case      string    `json:"case"`
	Kind      string    `json:"kind"` // mine, hand-over or "" for a bag that others made
	Files     []File    `json:"files"`
	Signed    bool      `json:"signed"` // the signature holds; without one, whoever changed a file can have made the lists anew
	Signature Signature `json:"signature"`
	Known     Known     `json:"known"`
	Stamps    []Stamp   `json:"stamps"`
	History   History   `json:"history"`
	Problems  []Problem `json:"problems"` // what is wrong with the bag as a whole
}

// State is what became of one thing.
type State string

// Of files: ok, changed, missing, extra, refused (never opened: a link, a way out
// of the bag, a bomb). Of the signature, stamps and history: ok, bad, missing
// (promised and not there), none (not promised).
const (
	OK      State = "ok"
	Changed State = "changed"
	Missing State = "missing"
	Extra   State = "extra"
	Refused State = "refused"
	Bad     State = "bad"
	None    State = "none"
)

// Unnamed is why a file is told although it is as the lists say.
const Unnamed = "in the bag, but the record does not name it"

// File is one file of the bag.
type File struct {
	Path   string `json:"path"`
	State  State  `json:"state"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // as it is; "" = not read
	Why    string `json:"why,omitempty"`
}

// Signature is who signed the manifests.
type Signature struct {
	State   State  `json:"state"`
	Key     string `json:"key"` // fingerprint; "" = no key
	Comment string `json:"comment"`
	Why     string `json:"why,omitempty"`
}

// Known is what was held against something that the reader knows from elsewhere.
// What a bag says of itself, whoever made it anew can have made to say: while Key
// is false, who signed was not checked, and while Authorities is, when was not.
type Known struct {
	Key         bool `json:"key"`         // the signature is of the key that the reader named
	Authorities bool `json:"authorities"` // there are stamps, and all are of authorities that the reader trusts
}

// Stamp is one time stamp.
type Stamp struct {
	File      string `json:"file"`
	Over      string `json:"over"` // path of what was stamped, or the SHA-256 of an original
	State     State  `json:"state"`
	Authority string `json:"authority"` // as its certificate says
	Root      string `json:"root"`      // SHA-256 of the certificate at the end of the chain
	Trusted   bool   `json:"trusted"`   // the chain ends with an authority the reader trusts
	Time      string `json:"time"`      // RFC 3339, UTC
	Why       string `json:"why,omitempty"`
}

// History is the line of what happened.
type History struct {
	State   State  `json:"state"`
	Entries int    `json:"entries"`
	First   int    `json:"first"` // number of the oldest line that is kept
	Head    string `json:"head"`  // SHA-256 of the last line
	Why     string `json:"why,omitempty"`
}

// Problem is a rule that is broken: a code, and what it is about.
type Problem struct {
	Code string `json:"code"`
	What string `json:"what"`
}

// The codes of problems.
const (
	ProblemDeclaration = "declaration" // bagit.txt is not that of BagIt 1.0
	ProblemInfo        = "info"        // bag-info.txt cannot be read
	ProblemOxum        = "oxum"        // the payload is not as long as bag-info.txt says
	ProblemManifest    = "manifest"    // a manifest cannot be read or is missing
	ProblemFetch       = "fetch"       // part of the payload lies elsewhere
	ProblemLimit       = "limit"       // too many files, or too long ones
	ProblemRecord      = "record"      // case.json says something else
	ProblemKey         = "key"         // not signed by the key that was asked for
	ProblemUnsigned    = "unsigned"    // nobody signed it
	ProblemStamps      = "stamps"      // not stamped by the authorities that were asked for
	ProblemArchive     = "archive"     // the ZIP is more than its list of files says, or says it in two ways
)

func (r *Report) problem(code, what string) {
	r.Problems = append(r.Problems, Problem{code, what})
}

// judge decides OK and Signed.
func (r *Report) judge() {
	r.Signed = r.Signature.State == OK
	r.OK = len(r.Problems) == 0 && fine(r.Signature.State) && fine(r.History.State)
	for _, f := range r.Files {
		r.OK = r.OK && f.State == OK
	}
	for _, s := range r.Stamps {
		r.OK = r.OK && s.State == OK
	}
}

func fine(s State) bool { return s == OK || s == None }
