// Package dashboards is the source of the Grafana dashboards that stand beside
// it as JSON. A dashboard is a table of panels; what all have in common, such as
// the variables and the annotations of outages, is added in one place.
//
// "go test . -update" writes the JSON anew.
package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// File is a dashboard as Grafana imports it.
type File struct {
	Name string // fleet.json
	JSON []byte // with a newline at its end
}

// All builds every dashboard, in the order in which they are shown.
func All() ([]File, error) {
	var files []File
	for _, b := range boards() {
		built, err := b.build()
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.name, err)
		}
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(built); err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.name, err)
		}
		files = append(files, File{Name: b.name + ".json", JSON: text.Bytes()})
	}
	return files, nil
}

func boards() []board {
	return []board{fleet(), single(), battery(), readiness(), agent(), druggeri()}
}
