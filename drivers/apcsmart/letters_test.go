package apcsmart

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

func TestLetters(t *testing.T) {
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all.Variables {
		if v.Ask == "" || len(v.Ask) > 2 || v.Name == "" || !slices.Contains([]string{"", "text", "reason", "minutes", "hours"}, v.As) {
			t.Errorf("%+v", v)
		}
	}
	for _, c := range all.Commands {
		if _, ok := nut.DescribeCommand(c.Name); !ok || len(c.Send) != 1 {
			t.Errorf("%+v", c)
		}
	}
	for _, tt := range []struct {
		firmware string
		ok       bool
	}{{"0XI", true}, {"5.4.D", true}, {"9f", true}, {"0A", true}, {"600.3.I", false}, {"", false}, {"old", true}} {
		if set, ok := all.set(tt.firmware); ok != tt.ok || ok && !set.has("Q") {
			t.Errorf("%s: %q, %v", tt.firmware, set, ok)
		}
	}
}

// TestFacts counts what the reference has, and fails when a row is lost.
func TestFacts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Shared(t), "facts", "serial", "apcsmart.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		Variables []struct {
			Name string `json:"nut_name"`
		}
		Pairs     []struct{} `json:"two_byte_variables"`
		Commands  []struct{}
		Firmwares []struct {
			Commands []string
		} `json:"command_sets_by_firmware"`
		Reasons map[string]string `json:"transfer_reason"`
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range facts.Variables {
		if string(all.Variables[i].Name) != v.Name {
			t.Errorf("row %d is %s, not %s", i, all.Variables[i].Name, v.Name)
		}
	}
	for i, f := range facts.Firmwares {
		if len(all.Firmwares[i].Letters) != len(f.Commands) {
			t.Errorf("firmware %s has %d letters, not %d", all.Firmwares[i].Firmware, len(all.Firmwares[i].Letters), len(f.Commands))
		}
	}
	if len(all.Variables) != len(facts.Variables)+len(facts.Pairs) || len(all.Commands) != len(facts.Commands) ||
		len(all.Firmwares) != len(facts.Firmwares) || len(all.Reasons) != len(facts.Reasons) {
		t.Errorf("%d variables, %d commands, %d firmwares, %d reasons", len(all.Variables), len(all.Commands), len(all.Firmwares), len(all.Reasons))
	}
}
