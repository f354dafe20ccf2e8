package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/checkpage"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/prepare"
)

// keyFile is the name of the signing key in its folder.
const keyFile = "signing.key"

// keyFolder is where the key of this machine's command line stands: DATA_DIR, as
// for serve, else the person's own folder for settings.
func keyFolder() (string, error) {
	if dir := os.Getenv("DATA_DIR"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("signing key: %w", err)
	}
	return filepath.Join(dir, "clipcase"), nil
}

// agent names the program in bags.
func agent() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return "clipcase " + info.Main.Version
	}
	return "clipcase"
}

// signer is the key of this machine. Without one, which a machine without a folder
// of its own may not have, the bag is whole and not signed, and people are told.
func (a *app) signer() *sign.Key {
	key, err := openKey()
	if err != nil {
		a.tell("! " + a.say("cli.prepare.unsigned", "why", err.Error()))
		return nil
	}
	return key
}

// sealer makes finished folders bags; key is nil where they are not to be signed.
type sealer struct {
	*app
	req    prepare.Request
	record *dossier.Record
	key    *sign.Key
	asker  *stamp.Asker

	given  map[string]stamp.Stamp // by authority and what it is of: an original's serves both bags
	silent map[string]bool        // authorities that did not answer
}

func newSealer(a *app, req prepare.Request, record *dossier.Record, key *sign.Key, asker *stamp.Asker) sealer {
	return sealer{app: a, req: req, record: record, key: key, asker: asker, given: map[string]stamp.Stamp{}, silent: map[string]bool{}}
}

// seal makes the finished folder a bag, and the one for others if there is to be
// one.
func (s sealer) seal(ctx context.Context) error {
	payload, err := bag.Payloads(ctx, s.req.Dir, s.req.Now)
	if err != nil {
		return err
	}
	mine, err := s.bag(ctx, s.req.Dir, bag.KindMine, payload)
	if err != nil {
		return err
	}
	if s.req.HandOver != "" {
		payload, err = s.others(ctx, payload)
		if err == nil {
			_, err = s.bag(ctx, s.req.HandOver, bag.KindHandOver, payload)
		}
		if err != nil {
			return errors.Join(err, mine.Remove(s.req.Dir))
		}
	}
	if s.key != nil {
		s.tell(s.say("cli.prepare.signed", "key", s.key.Fingerprint()))
	}
	return nil
}

// others is what others get: the record and the summary that were written for
// them, and the files to hand in.
func (s sealer) others(ctx context.Context, mine []bag.File) ([]bag.File, error) {
	all, err := bag.Payloads(ctx, s.req.HandOver, s.req.Now)
	if err != nil {
		return nil, err
	}
	for _, f := range mine {
		if folder := path.Dir(f.Path); folder == "data" || folder == originalFolder {
			continue
		}
		from := filepath.Join(s.req.Dir, filepath.FromSlash(f.Path))
		f.Open = func(context.Context) (io.ReadCloser, error) { return os.Open(from) }
		all = append(all, f)
	}
	return all, nil
}

// originalFolder is where the originals stand in a bag.
const originalFolder = "data/original"

// bag writes what makes a folder with its payload a bag.
func (s sealer) bag(ctx context.Context, dir, kind string, payload []bag.File) (*bag.Bag, error) {
	page, err := checkpage.File(s.words, s.req.Lang, s.req.Now)
	if err != nil {
		return nil, err
	}
	history := noted(s.record, s.req.Now, s.clock())
	contents := bag.Contents{
		Case: s.record.Case, Kind: kind, Agent: agent(), Date: s.req.Now.In(flows.Zone()), Payload: payload,
		Info: append(s.meaning(s.req.Lang), historyField(history)),
		Tags: []bag.File{bag.Text(bag.HistoryFile, flows.HistoryLines(history), s.req.Now), page},
	}
	if s.key != nil {
		contents.Signer = s.key
	}
	if contents.Stamps, err = s.stamps(ctx, contents); err != nil {
		return nil, err
	}
	made, err := bag.New(contents)
	if err != nil {
		return nil, err
	}
	if err := made.WriteFolder(ctx, dir); err != nil {
		return nil, errors.Join(err, made.Remove(dir))
	}
	return made, nil
}

// newAsker asks the authorities at urls. Where one leaves its root out, those that
// this machine trusts make the chain whole; a machine without any makes do.
func newAsker(urls []string) (*stamp.Asker, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = nil
	}
	return stamp.New(stamp.Config{URLs: urls, Random: rand.Reader, Roots: roots}, &http.Client{})
}

// authorities are those of TSA_URLS. They are checked before any work: what is
// wrong with them is told as serve tells it.
func (a *app) authorities() (*stamp.Asker, error) {
	var check checker
	var urls []string
	for _, item := range list(os.Getenv("TSA_URLS")) {
		urls = append(urls, check.url("TSA_URLS", item, "http", "https"))
	}
	if len(check.found) > 0 {
		return nil, a.mistakes(check.found)
	}
	return newAsker(urls)
}

// stamps asks every authority to stamp the originals' hashes and the signature of
// the manifest, each thing once. One that does not answer is told and left out: the
// case does not wait for it. Without authorities nothing touches the network.
func (s sealer) stamps(ctx context.Context, c bag.Contents) ([]bag.File, error) {
	_, signature, err := bag.Signed(c)
	if err != nil || len(s.asker.URLs()) == 0 || signature == nil {
		return nil, err
	}
	over := []stamp.Over{stamp.OfSignature(signature)}
	for _, o := range s.record.Originals {
		one, err := stamp.OfOriginal(o.SHA256)
		if err != nil {
			return nil, err
		}
		// The same file may have been given twice: one stamp speaks of both.
		if !slices.ContainsFunc(over, func(o stamp.Over) bool { return o.Name == one.Name }) {
			over = append(over, one)
		}
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
func (s sealer) stamp(ctx context.Context, address string, one stamp.Over) (stamp.Stamp, bool, error) {
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
		s.tell("! " + s.say("cli.prepare.unstamped", "authority", s.asker.Name(address), "why", quoted(err.Error())))
		return stamp.Stamp{}, false, nil
	case got.Token.Root == "":
		s.tell("! " + s.say("cli.prepare.rootless", "authority", s.asker.Name(address)))
	}
	s.given[id] = got
	return got, true, nil
}

func openKey() (*sign.Key, error) {
	dir, err := keyFolder()
	if err != nil {
		return nil, err
	}
	return sign.Open(filepath.Join(dir, keyFile), rand.Reader)
}

// noted is the history of a case that began and ended with one command.
func noted(record *dossier.Record, begun, ended time.Time) []flows.Entry {
	var all []flows.Entry
	for _, o := range record.Originals {
		all = flows.AppendEntry(all, begun, "received", "file", o.File, "bytes", o.Bytes, "sha256", o.SHA256)
	}
	made := map[string]int{}
	var order []string
	for _, p := range record.Pieces {
		if made[p.Channel] == 0 {
			order = append(order, p.Channel)
		}
		made[p.Channel]++
	}
	for _, channel := range order {
		all = flows.AppendEntry(all, ended, "ready", "channel", channel, "pieces", made[channel])
	}
	return all
}

func historyField(history []flows.Entry) bag.Field {
	c := flows.Case{History: history}
	return bag.Field{Label: bag.LabelHistory, Value: fmt.Sprintf("%d %s", len(history), c.Head())}
}

// meaning says in the bag itself what it shows and what it does not.
func (a *app) meaning(lang string) []bag.Field {
	say := func(key string) string { return flows.Render(a.words, lang, flows.T(key)) }
	return []bag.Field{{Label: bag.LabelMeans, Value: say("bag.means")}, {Label: bag.LabelMeansNot, Value: say("bag.means.not")}}
}
