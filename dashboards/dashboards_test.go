package dashboards

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the JSON anew")

func allFiles(t *testing.T) []File {
	t.Helper()
	files, err := All()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What is checked in is what the code builds, and there is nothing else.
func TestFilesAreWhatTheCodeBuilds(t *testing.T) {
	names := map[string]bool{}
	for _, f := range allFiles(t) {
		names[f.Name] = true
		if *update {
			if err := os.WriteFile(f.Name, f.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(f.Name); err != nil || !bytes.Equal(got, f.JSON) {
			t.Errorf("%s is not what the code builds (%v): go test ./... -update", f.Name, err)
		}
	}
	there, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range there {
		if !names[name] {
			t.Errorf("%s is built by nothing", name)
		}
	}
}
