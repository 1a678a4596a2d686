package megatec

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
)

// unit is a made-up device: its answers by command, both without the carriage
// return. What it does not know it says again, as most do.
type unit struct {
	protocol string
	answers  map[string]string
}

// units reads testdata/units.
func units(t *testing.T) map[string]unit {
	t.Helper()
	paths, err := filepath.Glob("testdata/units/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no units: %v", err)
	}
	all := make(map[string]unit)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		u := unit{protocol: name, answers: make(map[string]string)}
		if strings.HasPrefix(name, "voltronic-p") {
			u.protocol = "voltronic"
		}
		for l := range strings.Lines(string(data)) {
			command, answer, ok := strings.Cut(strings.TrimRight(l, "\n"), "\t")
			if !ok {
				continue
			}
			u.answers[unquote(t, command)] = unquote(t, answer)
		}
		all[name] = u
	}
	return all
}

func unquote(t *testing.T, text string) string {
	t.Helper()
	said, err := strconv.Unquote(`"` + text + `"`)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return said
}

// answer is what the unit says.
func (u unit) answer(command string) (string, bool) {
	if said, ok := u.answers[command]; ok {
		return said, true
	}
	if strings.HasPrefix(u.protocol, "voltronic") && u.protocol != "voltronic-qs" && u.protocol != "voltronic-qs-hex" {
		return "(NAK", true
	}
	return command, true
}

// TestUnits: what is read from each unit.
func TestUnits(t *testing.T) {
	for name, u := range units(t) {
		t.Run(name, func(t *testing.T) {
			port, _ := play(t, u.answer)
			s := read(t, open(t, QX, settings("port", port, "protocol", u.protocol)...), new(nut.Draft))
			var got strings.Builder
			for v := range s.Variables() {
				fmt.Fprintf(&got, "%s: %s%s\n", v.Name, v.Value, attributes(v))
			}
			for c := range s.Commands() {
				fmt.Fprintf(&got, "%s\n", c)
			}
			path := filepath.Join("testdata", "said", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%swant\n%s", &got, want)
			}
		})
	}
}

var update = flag.Bool("update", false, "write testdata/said anew")

// attributes are what a client may do with a variable.
func attributes(v nut.Variable) string {
	switch {
	case !v.Writable:
		return ""
	case len(v.Ranges) > 0:
		return fmt.Sprintf(" (%d to %d)", v.Ranges[0].Min, v.Ranges[0].Max)
	case len(v.Enum) > 0:
		return fmt.Sprintf(" %q", v.Enum)
	}
	return " (any)"
}
