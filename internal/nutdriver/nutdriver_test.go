package nutdriver

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/dummy"
	"github.com/wattnut/wattnut/nut"
)

// TestDevices reads a file by the distribution's dummy-ups and by ours.
func TestDevices(t *testing.T) {
	dev := filepath.Join(t.TempDir(), "a.dev")
	if err := os.WriteFile(dev, []byte("ups.status: OL\nups.load: 7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	theirs := Theirs(t, "dummy-ups", "port", dev, "mode", "dummy-once").Facts()
	ours := Ours(t, dummy.Driver, "port", dev).Await("read", func(s *nut.Snapshot) bool { return s.Value("ups.load") == "7" })
	if d := Differences(ours, theirs); d["ups.load"] != "" {
		t.Errorf("%v", d)
	}
}

func TestDifferences(t *testing.T) {
	snapshot := func(edit func(*nut.Draft)) *nut.Snapshot {
		var d nut.Draft
		d.Set("ups.status", "OL")
		edit(&d)
		return d.Freeze("ups", nut.Live, time.Now())
	}
	got := Differences(
		snapshot(func(d *nut.Draft) {
			d.Set("driver.version", "1")
			d.Set("ups.load", "7")
			d.Put(nut.Variable{Name: "ups.id", Value: "a", Writable: true, Text: true, MaxLen: 8})
			d.AddCommand("load.off")
		}),
		snapshot(func(d *nut.Draft) {
			d.Set("driver.version", "2")
			d.Set("ups.id", "a")
			d.Put(nut.Variable{Name: "ups.delay.start", Value: "1", Writable: true, Enum: []string{"1", "2"}, Ranges: []nut.Range{{Min: 1, Max: 9}}})
		}),
	)
	want := map[nut.Name]string{
		"ups.load": "7 | ", "ups.id": "a RW STRING:8 | a", "load.off": "command | ", "ups.delay.start": ` | 1 RW "1" "2" 1-9`,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
