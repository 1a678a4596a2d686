package dummy

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
	"github.com/wattnut/wattnut/nut/wire"
)

// TestLikeNUT plays every recorded device here and in NUT's own dummy-ups, and
// wants the same variables with the same values.
func TestLikeNUT(t *testing.T) {
	program := testenv.Need(t, "dummy-ups")
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t), "devices", "*.dev"))
	if err != nil || len(files) == 0 {
		t.Skipf("no device files: %v", err)
	}
	if testing.Short() {
		files = files[:min(len(files), 16)]
	}
	theirs := make([]map[string]string, len(files))
	// Each takes three seconds, nearly all of it asleep.
	var all errgroup.Group
	all.SetLimit(150)
	for i, file := range files {
		all.Go(func() (err error) {
			theirs[i], err = dump(t.Context(), program, file)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if ours := facts(t, file); !maps.Equal(ours, theirs[i]) {
			t.Errorf("%s: %s", filepath.Base(file), differ(ours, theirs[i]))
		}
	}
}

// TestAttributesLikeNUT declares each variable that has attributes of its own,
// and a few that have not, and wants what the real one declares.
func TestAttributesLikeNUT(t *testing.T) {
	names := slices.Collect(maps.Keys(numbers))
	names = slices.AppendSeq(names, maps.Keys(lengths))
	names = append(names, "ups.status", "ups.mfr", "outlet.1.current", "battery.packs", "some.thing")
	var text strings.Builder
	for _, name := range names {
		text.WriteString(string(name) + ": 7\n")
	}
	peer := nuttest.StartUPSD(t, nuttest.Config{Devices: []nuttest.Device{{Name: "peer", Dev: text.String()}}})
	c, err := client.Dial(t.Context(), peer.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var d nut.Draft
	read(t, played(t, env(t), "a.dev", text.String()), &d)
	for _, name := range names {
		theirs, err := c.GetType(t.Context(), "peer", name)
		v, _ := d.Lookup(name)
		ours := client.Type{Writable: v.Writable, Number: !v.Text, Text: v.Text, MaxLen: v.MaxLen}
		if err != nil || theirs != ours {
			t.Errorf("%s: %+v here, %+v there, %v", name, ours, theirs, err)
		}
	}
}

// dump runs NUT's dummy-ups for two updates, and returns what it then prints.
func dump(ctx context.Context, program, file string) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "wattnut-dummy-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	me, err := user.Current()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "-s", "peer", "-x", "port="+file, "-d", "1", "-u", me.Username)
	cmd.Env = append(os.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+dir, "NUT_ALTPIDPATH="+dir)
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut(string(out), "\n") // the first line is its name
	vars := make(map[string]string)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if !strings.HasPrefix(name, "driver.") {
			vars[name] = value
		}
	}
	return vars, nil
}

// facts are our facts about the same, escaped as NUT dumps them, with what the
// agent adds for every driver.
func facts(t *testing.T, file string) map[string]string {
	t.Helper()
	device := played(t, env(t), filepath.Base(file), contents(t, file))
	var d nut.Draft
	read(t, device, &d)
	if _, ok := d.Lookup("device.type"); !ok {
		d.Set("device.type", "ups")
	}
	for _, what := range []nut.Name{"mfr", "model", "serial"} {
		if v, ok := d.Lookup("ups." + what); ok {
			d.Set("device."+what, v.Value)
		}
	}
	vars := make(map[string]string)
	for v := range d.Freeze("test", nut.Live, time.Now()).Variables() {
		vars[string(v.Name)] = string(wire.AppendEscaped(nil, v.Value))
	}
	return vars
}

func contents(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func differ(ours, theirs map[string]string) string {
	var all []string
	for name, value := range ours {
		if their, ok := theirs[name]; !ok || their != value {
			all = append(all, name+": "+value+" here, "+their+" there")
		}
	}
	for name, value := range theirs {
		if _, ok := ours[name]; !ok {
			all = append(all, name+": "+value+" there only")
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}
