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

// sealer notes what happens to a case and makes its finished folders bags; key is
// nil where they are not to be signed.
type sealer struct {
	*app
	req   prepare.Request
	key   *sign.Key
	asker *stamp.Asker

	history []flows.Entry          // so far
	given   map[string]stamp.Stamp // by authority and what it is of: an original's serves both bags
	silent  map[string]bool        // authorities that did not answer
	untold  []string               // lines for people that wait until no bar is drawn
}

func newSealer(a *app, req prepare.Request, key *sign.Key, asker *stamp.Asker) *sealer {
	return &sealer{app: a, req: req, key: key, asker: asker, given: map[string]stamp.Stamp{}, silent: map[string]bool{}}
}

// seal makes the finished folder a bag, and the one for others if there is to be
// one.
func (s *sealer) seal(ctx context.Context, record *dossier.Record) error {
	s.made(record)
	payload, err := bag.Payloads(ctx, s.req.Dir, s.req.Now)
	if err != nil {
		return err
	}
	mine, err := s.bag(ctx, s.req.Dir, record, bag.KindMine, payload)
	if err != nil {
		return err
	}
	if s.req.HandOver != "" {
		payload, err = s.others(ctx, payload)
		if err == nil {
			_, err = s.bag(ctx, s.req.HandOver, record, bag.KindHandOver, payload)
		}
		if err != nil {
			return errors.Join(err, mine.Remove(s.req.Dir))
		}
	}
	for _, line := range s.untold {
		s.tell(line)
	}
	if s.key != nil {
		s.tell(s.say("cli.prepare.signed", "key", s.key.Fingerprint()))
	}
	return nil
}

// others is what others get: the record and the summary that were written for
// them, and the files to hand in.
func (s *sealer) others(ctx context.Context, mine []bag.File) ([]bag.File, error) {
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
func (s *sealer) bag(ctx context.Context, dir string, record *dossier.Record, kind string, payload []bag.File) (*bag.Bag, error) {
	page, err := checkpage.File(s.words, s.req.Lang, s.req.Now)
	if err != nil {
		return nil, err
	}
	contents := bag.Contents{
		Case: record.Case, Kind: kind, Agent: agent(), Date: s.req.Now.In(flows.Zone()), Payload: payload,
		Info: append(s.meaning(s.req.Lang), historyField(s.history)),
		Tags: []bag.File{bag.Text(bag.HistoryFile, flows.HistoryLines(s.history), s.req.Now), page},
	}
	if s.key != nil {
		contents.Signer = s.key
	}
	if contents.Stamps, err = s.stamps(ctx, record, contents); err != nil {
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

func openKey() (*sign.Key, error) {
	dir, err := keyFolder()
	if err != nil {
		return nil, err
	}
	return sign.Open(filepath.Join(dir, keyFile), rand.Reader)
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
