package conf

import (
	"testing"
	"time"
)

func TestValues(t *testing.T) {
	numbers := []struct {
		text, rest string
		n          int
		number, ok bool // ok is Integer's
	}{
		{"0", "", 0, true, true},
		{"15s", "s", 15, true, true},
		{"-1", "", -1, false, true},
		{"+2", "", 2, false, true},
		{"", "", 0, false, false},
		{"x", "x", 0, false, false},
		{"1000000000", "", 1000000000, true, true},
		{"1000000001", "", 1000000001, false, false},
		{"99999999999999999999", "", 0, false, false},
	}
	for _, tt := range numbers {
		if _, _, ok := Number(tt.text); ok != tt.number {
			t.Errorf("Number(%q): ok %v", tt.text, ok)
		}
		n, rest, ok := Integer(tt.text)
		if ok != tt.ok || ok && (n != tt.n || rest != tt.rest) {
			t.Errorf("Integer(%q) = %d, %q, %v", tt.text, n, rest, ok)
		}
	}
	durations := []struct {
		text, rest string
		d          time.Duration
		ok         bool
	}{
		{"2", "", 2 * time.Second, true},
		{"0.5", "", 500 * time.Millisecond, true},
		{"1.", "", time.Second, true},
		{"1.25x", "x", 1250 * time.Millisecond, true},
		{"1h", "h", time.Second, true},
		{".5", "", 0, false},
		{"-1", "", 0, false},
	}
	for _, tt := range durations {
		d, rest, ok := Seconds(tt.text)
		if ok != tt.ok || ok && (d != tt.d || rest != tt.rest) {
			t.Errorf("Seconds(%q) = %v, %q, %v", tt.text, d, rest, ok)
		}
	}
	for text, want := range map[string]bool{"1": true, "YES": true, "on": true, "true": true, "0": false, "No": false, "off": false, "false": false} {
		if got, ok := Bool(text); got != want || !ok {
			t.Errorf("Bool(%q) = %v, %v", text, got, ok)
		}
	}
	if _, ok := Bool("maybe"); ok {
		t.Error(`Bool("maybe") is ok`)
	}
}
