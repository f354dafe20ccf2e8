package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"clipcase/flows/catalog"
)

func newCatalog(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:       "catalog channels|scenarios",
		Short:     a.say("cli.catalog.short"),
		ValidArgs: []string{"channels", "scenarios"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.catalogue(os.Getenv("CATALOG_DIR"))
			if err != nil {
				return a.failed(err, "cli.failed.catalog", "error", err.Error())
			}
			a.words = c
			if args[0] == "channels" {
				return a.listed(asJSON, channelViews(c))
			}
			return a.listed(asJSON, scenarioViews(c))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, a.say("cli.flag.json"))
	return cmd
}

// listed is one line of a list: its JSON form is the listed thing itself.
type listed interface{ row(lang string) []string }

// channelView is a channel as programs see it.
type channelView struct {
	ID        string          `json:"id"`
	Name      catalog.Local   `json:"name"`
	Needs     []string        `json:"needs"`
	MaxFiles  int             `json:"max_files"` // 0 = no limit known
	Order     []string        `json:"order"`
	WordsOnly bool            `json:"words_only"`
	Overlay   string          `json:"overlay"`
	Links     bool            `json:"links"`
	Tiers     int             `json:"tiers"`
	Limits    []catalog.Limit `json:"limits"`
}

func (v channelView) row(lang string) []string {
	kinds := strings.Join(v.Order, ", ")
	if v.WordsOnly {
		kinds = "text"
	}
	return []string{v.ID, v.Name.In(lang), kinds}
}

// scenarioView is a scenario as programs see it.
type scenarioView struct {
	ID       string        `json:"id"`
	Command  string        `json:"command"`
	Name     catalog.Local `json:"name"`
	Help     catalog.Local `json:"help"`
	Priority string        `json:"priority"`
	Exhibits []slotView    `json:"exhibits"`
	Channels []string      `json:"channels"`
}

type slotView struct {
	ID       string        `json:"id"`
	Name     catalog.Local `json:"name"`
	Accept   []string      `json:"accept"`
	Required bool          `json:"required"`
}

func (v scenarioView) row(lang string) []string {
	return []string{v.ID, "/" + v.Command, v.Name.In(lang), v.Help.In(lang)}
}

// channelViews are the channels that can be asked for.
func channelViews(c *catalog.Catalog) []listed {
	var out []listed
	for _, ch := range c.Channels() {
		if !ch.Available {
			continue
		}
		v := channelView{
			ID: ch.ID, Name: ch.Name, Needs: append([]string{}, ch.Needs...), MaxFiles: ch.MaxFiles, Order: []string{}, WordsOnly: ch.WordsOnly,
			Overlay: ch.Overlay, Links: ch.Links, Tiers: len(ch.Tiers), Limits: append([]catalog.Limit{}, ch.Limits...),
		}
		for _, kind := range ch.Order {
			v.Order = append(v.Order, string(kind))
		}
		out = append(out, v)
	}
	return out
}

// scenarioViews are all scenarios, each with those of its channels that exist.
func scenarioViews(c *catalog.Catalog) []listed {
	var out []listed
	for _, s := range c.Scenarios() {
		v := scenarioView{ID: s.ID, Command: s.Command, Name: s.Name, Help: s.Help, Priority: s.Priority, Exhibits: []slotView{}, Channels: []string{}}
		for _, slot := range s.Exhibits {
			v.Exhibits = append(v.Exhibits, slotView{ID: slot.ID, Name: slot.Name, Accept: slot.Accept, Required: slot.Required})
		}
		for _, id := range s.Channels {
			if ch, ok := c.Channel(id); ok && ch.Available {
				v.Channels = append(v.Channels, id)
			}
		}
		out = append(out, v)
	}
	return out
}

func (a *app) listed(asJSON bool, entries []listed) error {
	if asJSON {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(entries)
	}
	table := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	for _, e := range entries {
		if _, err := fmt.Fprintln(table, strings.Join(e.row(a.lang), "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}
