package main

import (
	"context"
	"slices"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
)

// arrived notes that the originals are here and has their hashes stamped, before
// anything is made of them: what is written of the case tells of it. It is
// prepare.Request.Arrived.
func (s *sealer) arrived(ctx context.Context, originals []dossier.Original) ([]flows.Entry, []dossier.Stamped, error) {
	for _, o := range originals {
		s.history = flows.AppendEntry(s.history, s.req.Now, "received", "file", o.File, "bytes", o.Bytes, "sha256", o.SHA256)
	}
	all, err := overOriginals(originals)
	if err != nil {
		return nil, nil, err
	}
	var stamped []dossier.Stamped
	for _, address := range s.asker.URLs() {
		for _, one := range all {
			got, there, err := s.stamp(ctx, address, one.over)
			if err != nil {
				return nil, nil, err
			}
			if !there {
				continue
			}
			by := got.Token.Name
			s.history = flows.AppendEntry(s.history, s.clock(), "stamped", "over", one.over.Name, "digest", one.sha256, "authority", by)
			stamped = append(stamped, dossier.Stamped{Original: one.sha256, By: by, At: got.Token.Time})
		}
	}
	return s.history, stamped, nil
}

// made notes what was made for each channel.
func (s *sealer) made(record *dossier.Record) {
	made, ended := map[string]int{}, s.clock()
	var order []string
	for _, p := range record.Pieces {
		if made[p.Channel] == 0 {
			order = append(order, p.Channel)
		}
		made[p.Channel]++
	}
	for _, channel := range order {
		s.history = flows.AppendEntry(s.history, ended, "ready", "channel", channel, "pieces", made[channel])
	}
}

// original is one to be stamped.
type original struct {
	over   stamp.Over
	sha256 string
}

// overOriginals is each original once: where the same file was given twice, one
// stamp speaks of both.
func overOriginals(originals []dossier.Original) ([]original, error) {
	var all []original
	for _, o := range originals {
		if slices.ContainsFunc(all, func(x original) bool { return x.sha256 == o.SHA256 }) {
			continue
		}
		over, err := stamp.OfOriginal(o.SHA256)
		if err != nil {
			return nil, err
		}
		all = append(all, original{over, o.SHA256})
	}
	return all, nil
}

// stamps asks every authority to stamp the signature of the manifest and, where they
// are not yet, the originals' hashes, each thing once. One that does not answer is
// told and left out: the case does not wait for it. Without authorities nothing
// touches the network.
func (s *sealer) stamps(ctx context.Context, record *dossier.Record, c bag.Contents) ([]bag.File, error) {
	_, signature, err := bag.Signed(c)
	if err != nil {
		return nil, err
	}
	var over []stamp.Over
	if signature != nil {
		over = append(over, stamp.OfSignature(signature))
	}
	originals, err := overOriginals(record.Originals)
	if err != nil {
		return nil, err
	}
	for _, o := range originals {
		over = append(over, o.over)
	}
	var all []bag.File
	for _, address := range s.asker.URLs() {
		for _, one := range over {
			got, there, err := s.stamp(ctx, address, one)
			if err != nil {
				return nil, err
			}
			if !there {
				continue
			}
			name := bag.StampFolder + one.Name + "." + s.asker.Name(address)
			all = append(all, bag.Text(name+bag.StampEnding, got.Reply, c.Date), bag.Text(name+".pem", got.Chain, c.Date))
		}
	}
	return all, nil
}

// stamp is what an authority says of one thing, as it said it before or asked now;
// false = it does not answer, and is not asked again: that would cost its time again.
func (s *sealer) stamp(ctx context.Context, address string, one stamp.Over) (stamp.Stamp, bool, error) {
	id := address + "\n" + string(one.Digest)
	if got, ok := s.given[id]; ok {
		return got, true, nil
	}
	if s.silent[address] {
		return stamp.Stamp{}, false, nil
	}
	got, err := s.asker.Ask(ctx, address, one.Digest)
	switch {
	case ctx.Err() != nil:
		return stamp.Stamp{}, false, ctx.Err()
	case err != nil:
		s.silent[address] = true
		s.untold = append(s.untold, "! "+s.say("cli.prepare.unstamped", "authority", s.asker.Name(address), "why", quoted(err.Error())))
		return stamp.Stamp{}, false, nil
	case got.Token.Root == "":
		s.untold = append(s.untold, "! "+s.say("cli.prepare.rootless", "authority", s.asker.Name(address)))
	}
	s.given[id] = got
	return got, true, nil
}
