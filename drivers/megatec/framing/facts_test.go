package framing

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// TestFacts: no device and no framing of the reference facts is lost, and their
// order is kept.
func TestFacts(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testenv.Shared(t), "facts", "qx", "_usb.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts struct {
		IDs []struct {
			VID     string `json:"vid"`
			PID     string `json:"pid"`
			Vendor  string `json:"usb_vendor_text"`
			Product string `json:"usb_product_text"`
			Framing string `json:"sub_protocol"`
			Models  string `json:"models"`
		} `json:"usb_ids"`
		Framings map[string]struct {
			Index  map[string]byte   `json:"indices"`
			Prefix map[string]string `json:"answer_prefix"`
		} `json:"sub_protocols"`
	}
	if err := json.Unmarshal(data, &facts); err != nil {
		t.Fatal(err)
	}
	ids, err := IDs()
	if err != nil {
		t.Fatal(err)
	}
	var want []ID
	for _, f := range facts.IDs {
		want = append(want, ID{ID: f.VID + ":" + f.PID, Vendor: f.Vendor, Product: f.Product, Framing: f.Framing, Models: f.Models})
	}
	if !slices.Equal(ids, want) {
		t.Errorf("devices: got %v\nwant %v", ids, want)
	}
	names, err := Names()
	if err != nil || len(names) != len(facts.Framings) {
		t.Errorf("%d framings, %v, want %d", len(names), err, len(facts.Framings))
	}
	tab, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range facts.Framings {
		if !slices.Contains(names, name) {
			t.Errorf("lost framing %s", name)
		}
		if got := tab.Strings[name]; fmt.Sprint(got.Index) != fmt.Sprint(f.Index) || fmt.Sprint(got.First) != fmt.Sprint(f.Prefix) {
			t.Errorf("%s: %v %q, want %v %q", name, got.Index, got.First, f.Index, f.Prefix)
		}
	}
}
