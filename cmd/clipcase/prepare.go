package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/media"
)

func newPrepare(a *app) *cobra.Command {
	f := &prepareFlags{}
	cmd := &cobra.Command{
		Use:   "prepare [flags] FILE...",
		Short: a.say("cli.prepare.short"),
		Long:  a.say("cli.prepare.long"),
		Example: `  clipcase prepare recording.mp4
  clipcase prepare --scenario account-ban --channel douyin-dm,email --statement @what-happened.txt --key 00:42 recording.mp4`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.prepare(cmd.Context(), f, args) },
	}
	f.bind(cmd.Flags(), a)
	return cmd
}

// prepare checks everything that was asked for, and only then begins.
func (a *app) prepare(ctx context.Context, f *prepareFlags, files []string) error {
	if f.lang != "zh" && f.lang != "en" {
		return a.usage("cli.usage.lang", "value", f.lang)
	}
	a.lang = f.lang
	words, err := a.catalogue(os.Getenv("CATALOG_DIR"))
	if err != nil {
		return a.failed(err, "cli.failed.catalog", "error", err.Error())
	}
	a.words = words
	req, err := f.request(a, files)
	if err != nil {
		return err
	}
	asker, err := a.authorities()
	if err != nil {
		return err
	}
	engine, versions, err := newTools(ctx, os.Getenv("READ_SCREENS") != "off", "", slog.New(slog.DiscardHandler))
	if err != nil {
		return a.failed(err, "cli.failed.tools", "error", err.Error())
	}
	if f.given("key") {
		if req.Key, err = a.keyMoment(ctx, engine, f.key, req.Exhibits); err != nil {
			return err
		}
	}
	preparer, err := prepare.New(prepare.Config{Catalog: words, Engine: engine, Behind: engine.Behind(), Reader: engine, Clock: a.clock, Tools: versions})
	if err != nil {
		return err
	}
	made, err := makeDir(req.Dir)
	if err != nil {
		return a.failed(err, "cli.failed.out", "dir", req.Dir)
	}
	madeOther := false
	if req.HandOver != "" {
		if madeOther, err = makeDir(req.HandOver); err != nil {
			return a.failed(errors.Join(err, unmake(req.Dir, made)), "cli.failed.out", "dir", req.HandOver)
		}
	}
	key := a.signer()
	if key != nil {
		req.Signer = key.Fingerprint()
	}
	sealer := newSealer(a, req, key, asker)
	req.Arrived = sealer.arrived
	show := newShow(a, req)
	record, err := preparer.Run(ctx, req, show)
	show.end()
	if err == nil {
		err = sealer.seal(ctx, record)
	}
	if err != nil {
		// Half a case is worse than none: the next try must find an empty place.
		err = errors.Join(err, unmake(req.Dir, made))
		if req.HandOver != "" {
			err = errors.Join(err, unmake(req.HandOver, madeOther))
		}
		return a.failed(err, "cli.failed.work", "error", err.Error())
	}
	return a.report(f, req, record)
}

// makeDir makes the folder and says whether it was not there before.
func makeDir(dir string) (bool, error) {
	_, err := os.Stat(dir)
	missing := errors.Is(err, fs.ErrNotExist)
	return missing, os.MkdirAll(dir, 0o755)
}

func unmake(dir string, made bool) error {
	if made {
		return os.RemoveAll(dir)
	}
	return errors.Join(os.RemoveAll(filepath.Join(dir, "data")), os.RemoveAll(filepath.Join(dir, ".work")))
}

// report tells what is where, answers with the record, and decides the code.
func (a *app) report(f *prepareFlags, req prepare.Request, record *dossier.Record) error {
	a.tell("")
	for _, c := range req.Channels {
		a.channelReport(c.ID, record)
	}
	for _, w := range record.Warnings {
		a.tell("! " + w)
	}
	a.tell(a.say("cli.prepare.done", "file", filepath.Join(req.Dir, "data", "summary.html")))
	if req.HandOver != "" {
		a.tell(a.say("cli.prepare.handover", "dir", req.HandOver))
		if names := unchanged(record); names != "" {
			a.tell("! " + a.say("web.case.handover.documents", "names", names))
		}
	}
	if f.json {
		doc, err := record.JSON()
		if err != nil {
			return err
		}
		if _, err := a.out.Write(doc); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
	}
	if a.acceptable(req, record) {
		return nil
	}
	why := reasons(record)
	for _, err := range record.Broken {
		if why == "" {
			return a.failed(err, "cli.failed.tools", "error", err.Error())
		}
	}
	if why == "" { // documents alone: kept, but nothing can be made of them
		why = a.say("cli.prepare.documents")
	}
	return &exitError{code: codeInput, text: a.say("cli.prepare.nothing", "reasons", why)}
}

// unchanged names what is to be handed in just as it was given.
func unchanged(record *dossier.Record) string {
	var names []string
	for _, o := range record.Originals {
		if slices.ContainsFunc(record.Pieces, func(p dossier.Piece) bool { return p.SHA256 == o.SHA256 }) {
			names = append(names, o.Name)
		}
	}
	return strings.Join(names, ", ")
}

func (a *app) channelReport(id string, record *dossier.Record) {
	channel, _ := a.words.Channel(id) // request checked that it exists
	count, bytes := 0, int64(0)
	for _, p := range record.Pieces {
		if p.Channel == id && p.Kind != media.KindText {
			count++
			bytes += p.Bytes
		}
	}
	mark, key := "✓", "cli.prepare.channel"
	switch {
	case count == 0 && channel.WordsOnly:
		key = "cli.prepare.channel.words"
	case count == 0:
		mark, key = "✗", "cli.prepare.channel.none"
	}
	a.tell(mark + " " + a.say(key, "channel", channel.Name.In(a.lang), "count", count, "size", flows.FormatBytes(bytes), "folder", "data/"+id))
}

// acceptable: some file gave pieces; where only words were asked for, some file
// could have.
func (a *app) acceptable(req prepare.Request, record *dossier.Record) bool {
	for _, p := range record.Pieces {
		if p.Kind != media.KindText {
			return true
		}
	}
	for _, c := range req.Channels {
		if channel, _ := a.words.Channel(c.ID); !channel.WordsOnly {
			return false
		}
	}
	for _, o := range record.Originals {
		if o.Status != "refused" {
			return true
		}
	}
	return false
}

// reasons are the sentences for the files that could not be used.
func reasons(record *dossier.Record) string {
	var out []string
	for _, o := range record.Originals {
		if o.Error != nil {
			out = append(out, o.Error.Text)
		}
	}
	return strings.Join(out, " ")
}
