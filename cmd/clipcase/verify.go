package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/verify"
)

// verifyFlags are the flags of verify as they were typed.
type verifyFlags struct {
	key      string
	ca       string
	unsigned bool
	json     bool

	receipt bool
	again   bool
}

func newVerify(a *app) *cobra.Command {
	f := &verifyFlags{}
	cmd := &cobra.Command{
		Use:   "verify [flags] DIR|ZIP | verify --receipt FILE",
		Short: a.say("cli.verify.short"),
		Long:  a.say("cli.verify.long"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.receipt {
				return a.verifyReceipt(f, args[0])
			}
			return a.verify(cmd.Context(), f, args[0])
		},
	}
	cmd.Flags().StringVar(&f.key, "key", "", a.say("cli.flag.verify.key"))
	cmd.Flags().StringVar(&f.ca, "ca", "", a.say("cli.flag.verify.ca"))
	cmd.Flags().BoolVar(&f.receipt, "receipt", false, a.say("cli.flag.verify.receipt"))
	cmd.Flags().BoolVar(&f.unsigned, "allow-unsigned", false, a.say("cli.flag.verify.unsigned"))
	cmd.Flags().BoolVar(&f.again, "rederive", false, a.say("cli.flag.verify.rederive"))
	cmd.Flags().BoolVar(&f.json, "json", false, a.say("cli.flag.json"))
	return cmd
}

// verify checks a bag and tells all of it, and at its end what it could not check,
// because nobody said who should have signed. Exit codes: 0 everything holds, 1 it
// does not, or nobody signed, 2 wrong usage, 3 there is no bag.
func (a *app) verify(ctx context.Context, f *verifyFlags, path string) error {
	roots, err := f.roots(a)
	if err != nil {
		return err
	}
	report, err := verify.Run(ctx, path, verify.Options{Key: f.key, Roots: roots, Stamped: f.ca != "", Unsigned: f.unsigned})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a.usage("cli.usage.file", "file", path)
	case errors.Is(err, verify.ErrNotBag):
		return &exitError{code: codeInput, text: a.say("cli.verify.nobag", "file", path)}
	case err != nil:
		return a.failed(err, "cli.failed.work", "error", err.Error())
	}
	a.verified(report)
	answer := checked{Report: report}
	var impossible error // to make anything again: told after the answer
	if f.again {
		if answer.Again, impossible = a.again(ctx, path); answer.Again == nil {
			return impossible
		}
	}
	if f.json {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(answer); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
	}
	if !report.OK {
		return &exitError{code: codeFailed, text: a.say("cli.verify.broken")}
	}
	if impossible != nil {
		return impossible
	}
	if answer.Again != nil && !answer.Again.OK {
		return &exitError{code: codeFailed, text: a.say("cli.rederive.broken")}
	}
	a.tell("")
	switch {
	case !report.Signed: // whoever changes a file can make the lists anew
		a.tell(a.say("cli.verify.holds.unsigned"))
	case report.Known.Key:
		a.tell(a.say("cli.verify.holds"))
	default:
		a.tell(a.say("cli.verify.holds.unknown"))
		a.tell("! " + a.say("cli.verify.unknown.key", "key", report.Signature.Key))
	}
	if len(report.Stamps) > 0 && !report.Known.Authorities {
		a.tell("! " + a.say("cli.verify.unknown.authorities"))
	}
	return nil
}

// roots are the certificates that are trusted: those named, else this machine's.
func (f *verifyFlags) roots(a *app) (*x509.CertPool, error) {
	if f.ca == "" {
		roots, err := x509.SystemCertPool()
		if err != nil {
			return nil, fmt.Errorf("certificates of this machine: %w", err)
		}
		return roots, nil
	}
	raw, err := os.ReadFile(f.ca)
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(raw) {
		return nil, a.usage("cli.usage.file", "file", f.ca)
	}
	return roots, nil
}

// verified tells every file, then who signed, when it was stamped, and what is
// wrong with the whole. What comes from the bag is quoted: it is a stranger's.
func (a *app) verified(r *verify.Report) {
	for _, f := range r.Files {
		line := a.say("cli.verify.file."+string(f.State)) + "  " + quoted(f.Path)
		if f.Why != "" {
			line += "  (" + f.Why + ")"
		}
		a.tell(line)
	}
	a.tell(a.say("cli.verify.signature."+string(r.Signature.State), "key", r.Signature.Key, "why", quoted(r.Signature.Why)))
	for _, s := range r.Stamps {
		state := string(s.State)
		switch {
		case s.State != verify.OK || s.Trusted:
		case s.Root == "":
			state = "unchained"
		default: // anyone can make an authority and give it any name
			state = "unknown"
		}
		a.tell(a.say("cli.verify.stamp."+state, "file", quoted(s.File), "over", quoted(s.Over), "authority", quoted(s.Authority), "time", s.Time, "root", s.Root, "why", quoted(s.Why)))
	}
	if len(r.Stamps) == 0 {
		a.tell(a.say("cli.verify.stamp.none"))
	}
	a.tell(a.say("cli.verify.history."+string(r.History.State), "count", r.History.Entries, "head", sign.Groups(r.History.Head), "why", quoted(r.History.Why)))
	for _, p := range r.Problems {
		a.tell("✗ " + a.say("cli.verify.problem."+p.Code, "what", quoted(p.What)))
	}
}

// quoted shows a stranger's words without what could turn or fool a terminal.
func quoted(s string) string {
	if out := strconv.Quote(s); out != `"`+s+`"` {
		return out
	}
	return s
}
