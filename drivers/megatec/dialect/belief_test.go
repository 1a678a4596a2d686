package dialect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
)

// tape is a device that answers Q1 with one line after the other, the last for ever.
type tape struct {
	lines []string
	asked int
}

func (d *tape) Exchange(_ context.Context, command []byte) ([]byte, error) {
	if string(command) != "Q1\r" {
		return nil, ErrSilent
	}
	d.asked++
	line := d.lines[0]
	if len(d.lines) > 1 {
		d.lines = d.lines[1:]
	}
	return []byte(line + "\r"), nil
}

// TestBelief: what a bad line makes of one answer is no state, and what the device says
// twice is.
func TestBelief(t *testing.T) {
	const calm, out, low, going = q1 + "00000000", q1 + "10000000", q1 + "11000000", q1 + "00000010"
	for name, tt := range map[string]struct {
		lines []string // for the poll after a calm one
		want  string
		asked int
	}{
		"calm":                        {[]string{calm}, "OL", 1},
		"an outage":                   {[]string{out, out}, "OB", 2},
		"low at once":                 {[]string{low, low}, "OB LB", 2},
		"a bit that flipped":          {[]string{out, calm}, "OL", 2},
		"two bits that flipped":       {[]string{low, calm}, "OL", 2},
		"a shutdown that is none":     {[]string{going, calm}, "OL", 2},
		"a shutdown":                  {[]string{going, going}, "OL FSD", 2},
		"on battery, and half of it":  {[]string{q1 + "1x000000", calm}, "OL", 2},
		"on battery, and the end not": {[]string{q1 + "110000?0", calm}, "OL", 2},
		"low, and silence":            {[]string{low, "", low}, "OB LB", 3},
		"low, and garbage":            {[]string{low, "(@@@@@", calm}, "OL", 3},
	} {
		d := &tape{lines: []string{calm}}
		tab, err := load("megatec", "")
		if err != nil {
			t.Fatal(err)
		}
		u := newUnit(d, tab, Options{})
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.lines, d.asked = tt.lines, 0
		if err := u.Poll(t.Context()); err != nil || strings.Join(u.status(), " ") != tt.want || d.asked != tt.asked {
			t.Errorf("%s: %v after %d questions, %v", name, u.status(), d.asked, err)
		}
	}
}

// TestBeliefLasts: a state that is bad and stays is asked for once in a poll, and what
// gets worse in it again twice.
func TestBeliefLasts(t *testing.T) {
	d := &tape{lines: []string{q1 + "10000000"}}
	tab, err := load("megatec", "")
	if err != nil {
		t.Fatal(err)
	}
	u := newUnit(d, tab, Options{})
	var asked []int
	for _, bits := range []string{"10000000", "10000000", "11000000", "11000000", "00000000", "10000000"} {
		d.lines, d.asked = []string{q1 + bits}, 0
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		asked = append(asked, d.asked)
	}
	if got := fmt.Sprint(asked); got != "[2 1 2 1 1 2]" {
		t.Errorf("asked %s times", got)
	}
}

// TestHalfBelief: of an answer whose state cannot be read, the numbers do not count
// either, and facts that were there stay.
func TestHalfBelief(t *testing.T) {
	d := &tape{lines: []string{q1 + "00000000"}}
	tab, err := load("megatec", "")
	if err != nil {
		t.Fatal(err)
	}
	u := newUnit(d, tab, Options{})
	var draft nut.Draft
	for _, lines := range [][]string{{q1 + "00000000"}, {strings.Replace(q1, "27.5", "01.5", 1) + "1#000000", q1 + "00000000"}} {
		d.lines = lines
		if err := u.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		u.Publish(&draft)
		if volts, status := draft.Value("battery.voltage"), draft.Value("ups.status"); volts != "27.50" || status != "OL" {
			t.Errorf("%s V, %s", volts, status)
		}
	}
}

// stubborn answers as a device does that obeys only the third time.
type stubborn struct {
	refusals int
	sent     []string
}

func (d *stubborn) Exchange(_ context.Context, command []byte) ([]byte, error) {
	text := strings.TrimSuffix(string(command), "\r")
	d.sent = append(d.sent, text)
	if strings.HasPrefix(text, "S") && d.refusals > 0 {
		d.refusals--
		return []byte("N?K\r"), nil
	}
	return nil, ErrSilent
}

// TestStubborn: a shutdown is ordered three times before it has failed.
func TestStubborn(t *testing.T) {
	for refusals, want := range map[int]string{
		0: "C S.5R0003", 2: "C S.5R0003 C S.5R0003 C S.5R0003", 3: "C S.5R0003 C S.5R0003 C S.5R0003",
	} {
		d := &stubborn{refusals: refusals}
		tab, err := load("megatec", "")
		if err != nil {
			t.Fatal(err)
		}
		u := newUnit(d, tab, Options{})
		if err := u.configure(t.Context()); err != nil {
			t.Fatal(err)
		}
		err = u.Command(t.Context(), "shutdown.default", "")
		if got := strings.Join(d.sent, " "); got != want || errors.Is(err, nut.ErrFailed) != (refusals == 3) {
			t.Errorf("after %d refusals: %s, %v", refusals, got, err)
		}
	}
}
