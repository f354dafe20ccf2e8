package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/booklet"
)

func newGuide(a *app) *cobra.Command {
	var lang, pdf string
	cmd := &cobra.Command{
		Use:   "guide [flags] [SCENARIO]",
		Short: a.say("cli.guide.short"),
		Long:  a.say("cli.guide.long"),
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.guide(cmd.Context(), strings.Join(args, ""), lang, pdf)
		},
	}
	cmd.Flags().StringVar(&lang, "lang", a.lang, a.say("cli.flag.lang"))
	cmd.Flags().StringVar(&pdf, "pdf", "", a.say("cli.flag.guide.pdf"))
	return cmd
}

// guide says how to record a kind of matter; "" = what holds for all.
func (a *app) guide(ctx context.Context, scenario, lang, pdf string) error {
	if lang != "zh" && lang != "en" {
		return a.usage("cli.usage.lang", "value", lang)
	}
	blocks, ok := flows.Guide(a.words, scenario, lang)
	if !ok {
		return a.usage("cli.usage.scenario", "value", scenario, "known", strings.Join(scenarioIDs(a.words), ", "))
	}
	if pdf != "" {
		body, err := a.printed(ctx, lang, blocks)
		if err != nil {
			return a.failed(err, "cli.failed.work", "error", err.Error())
		}
		if err := os.WriteFile(pdf, body, 0o644); err != nil {
			return a.failed(err, "cli.failed.work", "error", err.Error())
		}
		a.tell(a.say("cli.guide.saved", "file", pdf))
		return nil
	}
	for i, b := range blocks {
		before := ""
		switch {
		case b.Style == flows.StyleTitle && i > 0:
			before = "\n"
		case b.Style == flows.StyleItem:
			before = "· "
		}
		if _, err := fmt.Fprintln(a.out, before+flows.Render(a.words, lang, b.Text)); err != nil {
			return fmt.Errorf("write the guide: %w", err)
		}
	}
	return nil
}

// printed draws blocks as a PDF.
func (a *app) printed(ctx context.Context, lang string, blocks []flows.Block) ([]byte, error) {
	font, err := booklet.FindFont("")
	if err != nil {
		return nil, &flows.Error{Class: flows.Unavailable, Text: flows.T("dossier.failed.font"), Err: err}
	}
	dir, err := os.MkdirTemp("", "clipcase-guide-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system's own folder for what may go
	file := filepath.Join(dir, "guide.pdf")
	if err := font.PDF(ctx, dossier.Leaflet(a.words, lang, blocks), a.clock(), file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
