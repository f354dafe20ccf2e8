package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
)

// stamps checks every time stamp, and that it is one of this bag: of the signature,
// of the manifest or of an original that the record names.
func (c *checker) stamps() {
	for _, name := range []string{bag.Signature, bag.Manifest} {
		if raw := c.read(name, ProblemManifest); raw != nil {
			sum := sha256.Sum256(raw)
			c.stamped[hex.EncodeToString(sum[:])] = name
		}
	}
	for _, p := range c.paths() {
		if strings.HasPrefix(p, bag.StampFolder) && strings.HasSuffix(p, bag.StampEnding) {
			c.report.Stamps = append(c.report.Stamps, c.stamp(p))
		}
	}
	for want, err := strconv.Atoi(bag.Value(c.info, bag.LabelStamps)); err == nil && len(c.report.Stamps) < min(want, 100); {
		c.report.Stamps = append(c.report.Stamps, Stamp{File: bag.StampFolder, State: Missing})
	}
	slices.SortStableFunc(c.report.Stamps, func(a, b Stamp) int { return strings.Compare(a.Over, b.Over) })
}

// known says whether all stamps are of authorities that the reader trusts, and
// demands it where the reader asked for it.
func (c *checker) known() {
	all := len(c.report.Stamps) > 0
	for i := range c.report.Stamps {
		one := &c.report.Stamps[i]
		all = all && one.State == OK && one.Trusted
		if c.options.Stamped && one.State == OK && !one.Trusted {
			one.State, one.Why = Bad, "it is not of an authority that was asked for"
		}
	}
	c.report.Known.Authorities = all
	if c.options.Stamped && len(c.report.Stamps) == 0 {
		c.report.problem(ProblemStamps, bag.StampFolder)
	}
}

func (c *checker) stamp(p string) Stamp {
	one := Stamp{File: p, State: Bad}
	raw, err := c.small(p)
	if err != nil {
		one.Why = err.Error()
		return one
	}
	token, err := stamp.Check(raw, c.options.Roots)
	if err != nil {
		one.Why = err.Error()
		return one
	}
	one.Authority, one.Root, one.Trusted, one.Time = token.Authority, token.Root, token.Trusted, token.Time.Format(time.RFC3339)
	over, ok := c.stamped[hex.EncodeToString(token.Digest)]
	if !ok {
		one.Why = "it is of something else: " + hex.EncodeToString(token.Digest)
		return one
	}
	one.Over, one.State = over, OK
	return one
}
