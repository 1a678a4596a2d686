package transcript

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// Difference is what our server answers, and what upsd does, as [Abridged].
type Difference struct{ Ours, Theirs string }

// Differences reads the rows of a table in docs/differences-upsd.md, by the ID
// of the Step: those that begin with mark, as in "| t#316 |" for "t".
func Differences(tb testing.TB, mark string) map[int]Difference {
	tb.Helper()
	f, err := os.Open(filepath.Join(testenv.Root(tb), "docs", "differences-upsd.md"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	row := regexp.MustCompile("^\\| " + mark + "#(\\d+) \\| `(.*?)` \\| `(.*?)` \\|")
	all := make(map[int]Difference)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		m := row.FindStringSubmatch(lines.Text())
		if m == nil {
			if strings.HasPrefix(lines.Text(), "| "+mark+"#") {
				tb.Errorf("row that is not read: %s", lines.Text())
			}
			continue
		}
		id, err := strconv.Atoi(m[1])
		if err != nil {
			tb.Error(err)
		}
		all[id] = Difference{plain(m[2]), plain(m[3])}
	}
	return all
}

// plain is the text that a cell shows, where \n is an LF and "nothing" is none.
func plain(cell string) string {
	if cell == "nothing" {
		return ""
	}
	return strings.ReplaceAll(cell, `\n`, "\n")
}

// Abridged is a text as the table has it: without its middle if it is long.
func Abridged(text string) string {
	if len(text) <= 80 {
		return text
	}
	return text[:40] + "…" + text[len(text)-30:]
}
