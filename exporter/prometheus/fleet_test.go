package prometheus_test

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// fleet is a Fleet that never changes.
type fleet []collectors.UPS

func (f fleet) All() iter.Seq[collectors.UPS] { return slices.Values(f) }

// read makes a Live UPS of a file of "name: value" lines.
func read(tb testing.TB, name, file string) collectors.UPS {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var d nut.Draft
	for line := range strings.Lines(string(text)) {
		variable, value, ok := strings.Cut(line, ":")
		if ok && !strings.HasPrefix(variable, "#") && !strings.Contains(variable, " ") {
			d.Set(nut.Name(variable), strings.TrimSpace(value))
		}
	}
	return collectors.UPS{Snapshot: d.Freeze(name, nut.Live, time.Time{}), Contact: time.Now()}
}

// dumps returns every recorded device.
func dumps(tb testing.TB) fleet {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Shared(tb), "devices", "*.dev"))
	if err != nil || len(files) < 400 {
		tb.Fatalf("%d dumps, %v", len(files), err)
	}
	var f fleet
	for _, file := range files {
		f = append(f, read(tb, strings.TrimSuffix(filepath.Base(file), ".dev"), file))
	}
	return f
}

// many returns n UPSes of 60 variables.
func many(tb testing.TB, n int) fleet {
	tb.Helper()
	big := read(tb, "big", "testdata/big.dev")
	f := make(fleet, 0, n)
	for i := range n {
		var d nut.Draft
		for v := range big.Snapshot.Variables() {
			d.Put(v)
		}
		for j := range 60 - big.Snapshot.Len() {
			d.Set(nut.Name(fmt.Sprintf("outlet.%d.current", j+2)), "0.5")
		}
		u := big
		u.Snapshot = d.Freeze(fmt.Sprintf("ups%04d", i), nut.Live, time.Time{})
		f = append(f, u)
	}
	return f
}

func page(tb testing.TB, f collectors.Fleet, sources ...collectors.Source) string {
	tb.Helper()
	var b bytes.Buffer
	if err := prometheus.New(f, "1.2.3", sources...).Write(&b, expfmt.NewFormat(expfmt.TypeTextPlain)); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}
