package nutdriver

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// Check fails the test for each difference that page, a file in docs/, does not
// tell of, and for each that it tells of and is none any more. Its rows begin
// with the driver and the name: "| apcsmart | `battery.packs` |".
func Check(tb testing.TB, page, driver string, differences map[nut.Name]string) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Root(tb), "docs", page))
	if err != nil {
		tb.Fatal(err)
	}
	told := make(map[nut.Name]bool)
	row := regexp.MustCompile("^\\| " + regexp.QuoteMeta(driver) + " \\| ((`[^`]+`(, )?)+) \\|")
	for line := range strings.Lines(string(text)) {
		if m := row.FindStringSubmatch(line); m != nil {
			for name := range strings.SplitSeq(m[1], ", ") {
				told[nut.Name(strings.Trim(name, "`"))] = true
			}
		}
	}
	for name, text := range differences {
		if !told[name] {
			tb.Errorf("%s: %s; docs/%s does not tell of it", name, text, page)
		}
	}
	for name := range told {
		if _, ok := differences[name]; !ok {
			tb.Errorf("docs/%s tells of a difference in %s, and there is none", page, name)
		}
	}
}
