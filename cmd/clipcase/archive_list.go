package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"clipcase/flows"
)

// archived is one case in the list: what it is and how far, nothing of whose it is.
// People's words are in it only if they were asked for.
type archived struct {
	Case      string    `json:"case"`
	Month     string    `json:"month"` // in which it was begun, in Shanghai
	Scenario  string    `json:"scenario"`
	Name      string    `json:"scenario_name"`
	State     string    `json:"state"`
	Held      bool      `json:"held"` // under quarantine
	Created   time.Time `json:"created"`
	Submitted time.Time `json:"submitted,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	Files     int       `json:"files"`
	Bytes     int64     `json:"bytes"`
	Channels  []string  `json:"channels"` // <channel>:<what became of it>
	Statement string    `json:"statement,omitempty"`
	Names     []string  `json:"names,omitempty"` // of the files, as they came
}

func (a *app) archived(c *flows.Case, now time.Time, words bool) archived {
	row := archived{
		Case: c.ID, Month: c.Created.In(flows.Zone()).Format("2006-01"), Scenario: c.Scenario, State: string(c.State(now)), Held: c.Quarantined,
		Created: c.Created, Submitted: c.Submitted, Expires: c.Expires, Channels: []string{},
	}
	if s, ok := a.words.Scenario(c.Scenario); ok {
		row.Name = s.Name.In(a.lang)
	}
	for _, e := range c.Exhibits {
		if e.Removed {
			continue
		}
		row.Files++
		row.Bytes += e.Bytes
		if words {
			row.Names = append(row.Names, e.File.Name)
		}
	}
	for _, p := range c.Packs {
		row.Channels = append(row.Channels, p.Channel+":"+string(p.Fate))
	}
	if words {
		row.Statement = c.Statement
	}
	return row
}

func archiveHead(words bool) []string {
	head := []string{"case", "month", "scenario", "scenario_name", "state", "held", "created", "submitted", "expires", "files", "bytes", "channels"}
	if words {
		head = append(head, "statement", "names")
	}
	return head
}

func (r archived) cells(words bool) []string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return flows.FormatTime(t)
	}
	cells := []string{
		r.Case, r.Month, r.Scenario, r.Name, r.State, strconv.FormatBool(r.Held), at(r.Created), at(r.Submitted), at(r.Expires),
		strconv.Itoa(r.Files), strconv.FormatInt(r.Bytes, 10), strings.Join(r.Channels, " "),
	}
	if words {
		cells = append(cells, r.Statement, strings.Join(r.Names, "; "))
	}
	return cells
}

// writeCSV writes the list as RFC 4180 has it; bom puts the mark before it by which
// Excel knows UTF-8.
func writeCSV(w io.Writer, rows []archived, words, bom bool) error {
	if bom {
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(archiveHead(words)); err != nil {
		return err
	}
	for _, row := range rows {
		cells := row.cells(words)
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// inert keeps a cell from being run as a formula by the program that opens the
// table: what people write stands in it.
func inert(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, " \u00A0\u3000"), "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

func writeTable(w io.Writer, rows []archived, words bool) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	lines := [][]string{archiveHead(words)}
	for _, row := range rows {
		lines = append(lines, row.cells(words))
	}
	for _, line := range lines {
		for i := range line {
			line[i] = strings.Join(strings.Fields(flows.Legible(line[i])), " ")
		}
		if _, err := fmt.Fprintln(table, strings.Join(line, "\t")); err != nil {
			return err
		}
	}
	return table.Flush()
}
