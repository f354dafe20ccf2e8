package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/dossier/sign"
	"clipcase/storage"
)

// archiveFlags are the flags of archive as they were typed.
type archiveFlags struct {
	scenario, state, month string
	csv, out               string
	json, words, bom       bool
}

func newArchive(a *app) *cobra.Command {
	f := &archiveFlags{}
	cmd := &cobra.Command{
		Use:   "archive [flags]",
		Short: a.say("archive.short"),
		Long:  a.say("archive.long"),
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.archive(cmd.Context(), os.Environ(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.scenario, "scenario", "", a.say("archive.flag.scenario"))
	flags.StringVar(&f.state, "state", "", a.say("archive.flag.state"))
	flags.StringVar(&f.month, "month", "", a.say("archive.flag.month"))
	flags.StringVar(&f.csv, "csv", "", a.say("archive.flag.csv"))
	flags.StringVar(&f.out, "out", "", a.say("archive.flag.out"))
	flags.BoolVar(&f.json, "json", false, a.say("cli.flag.json"))
	flags.BoolVar(&f.words, "words", false, a.say("archive.flag.words"))
	flags.BoolVar(&f.bom, "bom", false, a.say("archive.flag.bom"))
	return cmd
}

// states are those a case can have, as they are typed.
func states() []string {
	return []string{string(flows.CaseDraft), string(flows.CaseOpen), string(flows.CaseDone), string(flows.CaseCancelled), string(flows.CaseExpired)}
}

var monthForm = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// archive lists cases by class and exports them, also while the service runs.
func (a *app) archive(ctx context.Context, environ []string, f *archiveFlags) (err error) {
	switch {
	case f.state != "" && !slices.Contains(states(), f.state):
		return a.usage("archive.usage.state", "value", f.state)
	case f.month != "" && !monthForm.MatchString(f.month):
		return a.usage("archive.usage.month", "value", f.month)
	case f.csv == "-" && f.json, f.bom && f.csv == "":
		return a.usage("archive.usage.csv")
	}
	s, err := a.stores(ctx, environ, storage.OpenBeside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	cat, err := a.catalogue(s.set.CatalogDir)
	if err != nil {
		return a.failed(err, "cli.failed.catalog", "error", err.Error())
	}
	if _, known := cat.Scenario(f.scenario); f.scenario != "" && !known {
		return a.usage("archive.usage.scenario", "value", f.scenario)
	}
	a.words = cat
	now := a.clock()
	var found []*flows.Case
	rows := []archived{}
	err = s.redis.Cases().Each(ctx, func(c *flows.Case) error {
		row := a.archived(c, now, f.words)
		if (f.scenario == "" || row.Scenario == f.scenario) && (f.state == "" || row.State == f.state) && (f.month == "" || row.Month == f.month) {
			found, rows = append(found, c), append(rows, row)
		}
		return nil
	})
	if err != nil {
		return a.failed(err, "archive.failed", "why", a.why(err))
	}
	if err := a.shelve(rows, f); err != nil {
		return err
	}
	if f.out == "" {
		a.line("archive.done", "cases", len(rows))
		return nil
	}
	return a.export(ctx, s, found, rows, f.out)
}

// shelve writes the list in the form that was asked for.
func (a *app) shelve(rows []archived, f *archiveFlags) error {
	switch {
	case f.csv == "-":
		return writeCSV(a.out, rows, f.words, f.bom)
	case f.csv != "":
		file, err := os.OpenFile(f.csv, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return a.failed(err, "archive.failed", "why", err.Error())
		}
		if err := errors.Join(writeCSV(file, rows, f.words, f.bom), file.Sync(), file.Close()); err != nil {
			return a.failed(err, "archive.failed", "why", err.Error())
		}
	}
	if f.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(rows)
	}
	if f.csv != "" || f.out != "" {
		return nil
	}
	return writeTable(a.out, rows, f.words)
}

// export writes each case's bag to <month>/<scenario>/<case>.zip. A case that cannot
// be written is told, the others go on. One under quarantine is nobody's to see.
func (a *app) export(ctx context.Context, s *service, cases []*flows.Case, rows []archived, dir string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return a.usage("archive.usage.out", "dir", dir)
	}
	key, err := sign.Open(filepath.Join(s.set.DataDir, keyFile), rand.Reader)
	if err != nil {
		return a.failed(err, "archive.failed", "why", err.Error())
	}
	maker, err := casebag.New(a.words, s.blobs, key, agent())
	if err != nil {
		return a.failed(err, "archive.failed", "why", err.Error())
	}
	written := 0
	var failed []error
	for i, c := range cases {
		if c.Quarantined {
			a.line("archive.held", "case", c.ID)
			continue
		}
		class := rows[i].Scenario
		if class == "" {
			class = "none"
		}
		to := filepath.Join(dir, rows[i].Month, class, c.ID+".zip")
		if err := bagged(ctx, maker, c, to, a.clock()); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			a.line("archive.broken", "case", c.ID, "why", a.why(err))
			failed = append(failed, err)
			continue
		}
		written++
	}
	a.line("archive.exported", "cases", written, "dir", dir)
	if len(failed) > 0 {
		return &exitError{code: codeFailed, err: errors.Join(failed...)}
	}
	return nil
}

// bagged writes one bag whole or not at all.
func bagged(ctx context.Context, maker *casebag.Maker, c *flows.Case, to string, now time.Time) (err error) {
	b, err := maker.Bag(c, bag.KindMine, now)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(to), ".part-*") // 0600
	if err != nil {
		return err
	}
	if err := errors.Join(b.WriteZIP(ctx, part, c.ID), part.Sync(), part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), to)
}
