package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"clipcase/flows"
)

func newDoctor(a *app) *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: a.say("cli.doctor.short"),
		Long:  a.say("cli.doctor.long"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if live {
				return a.alive(cmd.Context())
			}
			return a.doctor(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, a.say("cli.flag.live"))
	return cmd
}

// mark is what a check found.
type mark string

const (
	good mark = "✓"
	poor mark = "!" // works, but less well or less safely
	bad  mark = "✗" // must be mended first
)

// finding is one line of the doctor: what was looked at, what was seen, and
// how to mend it.
type finding struct {
	mark   mark
	what   string
	detail string
	mend   string
}

// doctor looks at everything the program stands on. It changes nothing that
// stays.
func (a *app) doctor(ctx context.Context) error {
	s, err := readConfig(os.Environ())
	findings := a.settingsFindings(err)
	if err == nil {
		findings = append(findings, a.folderFindings(s)...)
	}
	findings = append(findings, a.toolFindings(ctx)...)
	if err == nil {
		findings = append(findings, a.redisFindings(ctx, s)...)
		findings = append(findings, a.s3Findings(ctx, s)...)
		findings = append(findings, a.tokenFindings(ctx, s)...)
		findings = append(findings, a.mailFindings(ctx, s)...)
	}
	blocked := false
	for _, f := range findings {
		line := string(f.mark) + " " + f.what
		if f.detail != "" {
			line += ": " + f.detail
		}
		if f.mark != good && f.mend != "" {
			line += "\n  → " + f.mend
		}
		if _, err := a.out.Write([]byte(line + "\n")); err != nil {
			return err
		}
		blocked = blocked || f.mark == bad
	}
	if blocked {
		return &exitError{code: codeFailed, text: a.say("cli.doctor.bad")}
	}
	return nil
}

// settingsFindings names every wrong variable.
func (a *app) settingsFindings(err error) []finding {
	var wrong badConfig
	switch {
	case err == nil:
		return []finding{{good, a.say("cli.doctor.settings"), "", ""}}
	case errors.As(err, &wrong):
		var out []finding
		for _, m := range wrong {
			out = append(out, finding{bad, m.Variable, "", flows.Render(a.words, a.lang, m.Text)})
		}
		return out
	}
	return []finding{{bad, a.say("cli.doctor.settings"), err.Error(), ""}}
}
