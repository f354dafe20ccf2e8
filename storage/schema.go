package storage

import (
	"encoding/json"
	"fmt"

	"clipcase/flows"
)

// upgrade turns a document of one schema version into the next. It is pure and
// keeps everything it does not know.
type upgrade func(map[string]any) map[string]any

// sessionUpgrades and caseUpgrades hold at i what turns version i+1 into i+2. A
// new version adds its function here and a document of the old version to
// testdata.
func sessionUpgrades() []upgrade { return nil }
func caseUpgrades() []upgrade    { return nil }

func decodeSession(body string) (flows.Session, error) {
	var s flows.Session
	err := decode(body, flows.SessionSchema, sessionUpgrades(), &s)
	return s, err
}

func decodeCase(body string) (flows.Case, error) {
	var c flows.Case
	err := decode(body, flows.CaseSchema, caseUpgrades(), &c)
	return c, err
}

// decode reads a stored document of any version up to current into into. A
// newer one is refused: an older program would lose what it does not know.
func decode(body string, current int, upgrades []upgrade, into any) error {
	var head struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal([]byte(body), &head); err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	switch {
	case head.Schema > current:
		return fmt.Errorf("stored by a newer clipcase (schema %d, this one knows %d): start the newer version again", head.Schema, current)
	case head.Schema < 1:
		return fmt.Errorf("stored document has schema %d", head.Schema)
	case head.Schema == current:
		return json.Unmarshal([]byte(body), into)
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	for v := head.Schema; v < current; v++ {
		doc = upgrades[v-1](doc)
		doc["schema"] = v + 1
	}
	upgraded, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("stored document: %w", err)
	}
	return json.Unmarshal(upgraded, into)
}
