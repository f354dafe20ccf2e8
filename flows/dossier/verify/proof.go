package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/sign"
)

// signature checks both manifests' signatures with the key in the bag. That the
// key is the right one only the reader can say: see Options.Key.
func (c *checker) signature() {
	out := &c.report.Signature
	out.State = None
	promised := c.promised(bag.LabelSigned) || c.maker.signer != "" || c.files[bag.Signature].open != nil || c.files[bag.TagSignature].open != nil
	raw := c.read(bag.KeyFile, ProblemManifest)
	own, err := sign.ParsePublic(raw)
	switch {
	case raw == nil && promised:
		out.State, out.Why = Missing, bag.KeyFile
	case raw != nil && err != nil:
		out.State, out.Why = Bad, bag.KeyFile+": "+err.Error()
	case raw != nil:
		out.State, out.Key = OK, own.Fingerprint()
		c.signed(own, bag.Manifest, bag.Signature)
		c.signed(own, bag.TagManifest, bag.TagSignature)
		if said := bag.Value(c.info, bag.LabelSigned); out.State == OK && said != out.Key {
			out.State, out.Why = Bad, bag.InfoFile+": "+said
		}
		if said := c.maker.signer; out.State == OK && said != "" && said != out.Key {
			out.State, out.Why = Bad, recordFile+": "+said
		}
	}
	if out.State == None && !c.options.Unsigned {
		c.report.problem(ProblemUnsigned, bag.Signature)
	}
	if want := c.options.Key; want != "" {
		if c.report.Known.Key = out.State == OK && own.Is(want); !c.report.Known.Key {
			c.report.problem(ProblemKey, want)
		}
	}
}

func (c *checker) signed(own sign.Public, manifest, signature string) {
	out := &c.report.Signature
	content, detached := c.read(manifest, ProblemManifest), c.read(signature, ProblemManifest)
	if out.State != OK {
		return
	}
	if detached == nil {
		out.State, out.Why = Missing, signature
		return
	}
	comment, err := own.CheckExact(content, detached)
	if err != nil {
		out.State, out.Why = Bad, signature+": "+err.Error()
		return
	}
	if out.Comment == "" {
		out.Comment = comment
	}
	// The comment is signed: it binds the bag's own description to the payload.
	words := strings.Fields(comment)
	if len(words) < 3 || words[1] != c.report.Case || words[2] != c.report.Kind {
		out.State, out.Why = Bad, signature+": "+comment
	}
}

// history checks that every line follows the one before, up to the one that
// bag-info.txt names.
func (c *checker) history() {
	out := &c.report.History
	out.State = None
	raw, said := c.read(bag.HistoryFile, ProblemInfo), bag.Value(c.info, bag.LabelHistory)
	if raw == nil {
		if said != "" {
			out.State = Missing
		}
		return
	}
	var err error
	out.State = OK
	if out.Entries, out.First, out.Head, err = flows.CheckHistory(raw); err != nil {
		out.State, out.Why = Bad, err.Error()
		return
	}
	if said != "" && said != strconv.Itoa(out.Entries)+" "+out.Head {
		out.State, out.Why = Bad, "it does not end where "+bag.InfoFile+" says"
	}
}

const recordFile = bag.Payload + "case.json"

var errRecord = errors.New("case.json cannot be read")

// maker is what case.json says of the bag it lies in.
type maker struct {
	ours   bool   // clipcase made it
	signer string // fingerprint of the key that signs it; "" = it does not say
}

// record compares case.json with the manifest: it must not speak of other files
// than the bag has.
func (c *checker) record() {
	raw := c.read(recordFile, ProblemRecord)
	if raw == nil {
		if c.promised(bag.LabelKind) {
			c.report.problem(ProblemRecord, recordFile)
		}
		return
	}
	var record dossier.Record
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&record); err != nil {
		c.report.problem(ProblemRecord, errRecord.Error())
		return
	}
	c.maker = maker{ours: record.Case != "" && record.Originals != nil && record.Pieces != nil, signer: record.Signer}
	// Who takes the description's own lines away cannot make less of the bag.
	if c.maker.ours && !c.promised(bag.LabelKind) {
		c.report.problem(ProblemInfo, bag.InfoFile+": "+bag.LabelKind)
	}
	if record.Case != c.report.Case && c.promised(bag.LabelKind) {
		c.report.problem(ProblemRecord, record.Case)
	}
	for _, o := range record.Originals {
		c.stamped[o.SHA256] = o.File // an absent one, too
		if !o.Absent {
			c.recorded(o.File, o.SHA256)
		}
	}
	for _, p := range record.Pieces {
		c.recorded(p.File, p.SHA256)
	}
	if c.maker.ours {
		c.unnamed(record.Named())
	}
}

// unnamed tells of what the lists hold and the record says nothing of. Whoever signed
// put it there, so the bag holds; how it was made nobody can say.
func (c *checker) unnamed(named map[string]bool) {
	known := composed(named)
	for i := range c.report.Files {
		if f := &c.report.Files[i]; f.State == OK && strings.HasPrefix(f.Path, bag.Payload) && !known[key(f.Path)] {
			f.Why = Unnamed
		}
	}
}

func (c *checker) recorded(path, sum string) {
	said := c.measured[key(path)].SHA256
	for _, l := range c.payload {
		if l.hash == sha256Name { // a file that was changed is told once
			said = l.sums[key(path)]
		}
	}
	if said != sum || sum == "" {
		c.report.problem(ProblemRecord, path)
	}
}
