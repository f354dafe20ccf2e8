package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/prepare"
)

// chooseFiles checks the files and gives each a slot of the scenario: named
// ones the slot they name, the others the first that is free and takes their
// kind. Files keep the order they were typed in; named ones follow.
func (f *prepareFlags) chooseFiles(a *app, scenario catalog.Scenario, files []string) ([]prepare.Exhibit, error) {
	var out []prepare.Exhibit
	for _, path := range files {
		out = append(out, prepare.Exhibit{Path: path})
	}
	for _, named := range f.exhibits {
		slot, path, ok := strings.Cut(named, "=")
		if !ok || !slices.ContainsFunc(scenario.Exhibits, func(s catalog.Slot) bool { return s.ID == slot }) {
			return nil, a.usage("cli.usage.exhibit", "value", named, "known", strings.Join(slotIDs(scenario), ", "))
		}
		out = append(out, prepare.Exhibit{Path: path, Slot: slot})
	}
	if len(out) == 0 {
		return nil, a.usage("cli.usage.files")
	}
	held := map[string]int{}
	for _, e := range out {
		held[e.Slot]++
	}
	for i := range out {
		e := &out[i]
		info, err := os.Stat(e.Path)
		if err != nil {
			return nil, a.usage("cli.usage.file", "file", e.Path)
		}
		if !info.Mode().IsRegular() {
			return nil, a.usage("cli.usage.file.kind", "file", e.Path)
		}
		e.ID, e.Name, e.Grade = fmt.Sprintf("e%d", i+1), filepath.Base(e.Path), flows.GradeFile
		e.Came = flows.T("cli.arrived")
		if e.Slot == "" {
			e.Slot = slotFor(scenario, e.Name, held)
			held[e.Slot]++
		}
	}
	return out, nil
}

// slotFor is where the conversation would put such a file, too; the first slot
// where none takes it. Who runs the command hands in what they may.
func slotFor(scenario catalog.Scenario, name string, held map[string]int) string {
	kind := flows.FileKind(flows.File{Name: name, Sent: flows.SentUpload})
	slot := flows.FreeSlot(scenario, slotIDs(scenario), held, string(kind))
	if slot == "" && len(scenario.Exhibits) > 0 {
		slot = scenario.Exhibits[0].ID
	}
	return slot
}

func slotIDs(s catalog.Scenario) []string {
	var ids []string
	for _, slot := range s.Exhibits {
		ids = append(ids, slot.ID)
	}
	return ids
}
