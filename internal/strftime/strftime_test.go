package strftime_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/strftime"
)

func TestAppend(t *testing.T) {
	at := time.Date(2026, 3, 1, 15, 4, 5, 0, time.UTC)
	for format, want := range map[string]string{
		"":                "",
		"%Y%m%d %H%M%S":   "20260301 150405",
		"%e|%k|%l|%I%p%P": " 1|15| 3|03PMpm",
		"%j %U %W %u %w":  "060 09 08 7 0",
		"%G %g %V %C":     "2026 26 09 20",
		"%s%n%t%%":        "1772377445\n\t%",
		"100%":            "100%",
		"%q":              "%q",
		"%Z %z":           "UTC +0000",
	} {
		if got := string(strftime.Append([]byte(">"), format, at)); got != ">"+want {
			t.Errorf("%q: got %q, want %q", format, got, want)
		}
	}
}

// The machine's date is C's strftime.
func TestAgainstDate(t *testing.T) {
	date, err := exec.LookPath("date")
	if err != nil {
		t.Skip(err)
	}
	const format = "%a %A %b %h %B %d %e %m %y %Y %j %H %I %M %S %p %P %D %F %T %R %r %c %x %X %z %Z %s %C %k %l %u %w %G %g %V %U %W"
	for _, at := range []time.Time{
		time.Date(2026, 11, 22, 10, 19, 21, 0, time.UTC),
		time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(2021, 1, 3, 12, 59, 59, 0, time.UTC),
		time.Date(2020, 2, 29, 23, 0, 1, 0, time.UTC),
		time.Date(2023, 1, 1, 1, 0, 0, 0, time.UTC),
	} {
		c := exec.CommandContext(t.Context(), date, "-u", "-d", fmt.Sprintf("@%d", at.Unix()), "+"+format)
		c.Env = []string{"LC_ALL=C"}
		want, err := c.Output()
		if err != nil {
			t.Skipf("date: %v", err)
		}
		if got := string(strftime.Append(nil, format, at)); got != strings.TrimSuffix(string(want), "\n") {
			t.Errorf("%v:\n got %s\nwant %s", at, got, want)
		}
	}
}
