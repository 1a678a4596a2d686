package server

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

// difference is a row of docs/differences-upsd.md.
type difference struct{ Ours, Theirs string }

var differenceRow = regexp.MustCompile("^\\| t#(\\d+) \\| `(.*?)` \\| `(.*?)` \\|")

// differences reads the table of what we answer otherwise than upsd, and why.
func differences(t *testing.T) map[int]difference {
	t.Helper()
	f, err := os.Open(filepath.Join(testenv.Root(t), "docs", "differences-upsd.md"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := make(map[int]difference)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := differenceRow.FindStringSubmatch(lines.Text())
		if m == nil {
			if strings.HasPrefix(lines.Text(), "| t#") {
				t.Errorf("row that is not read: %s", lines.Text())
			}
			continue
		}
		id, _ := strconv.Atoi(m[1])
		all[id] = difference{plain(t, m[2]), plain(t, m[3])}
	}
	return all
}

// plain is the text that a cell shows, where \n is an LF and "nothing" is none.
func plain(t *testing.T, cell string) string {
	t.Helper()
	if cell == "nothing" {
		return ""
	}
	return strings.ReplaceAll(cell, `\n`, "\n")
}
