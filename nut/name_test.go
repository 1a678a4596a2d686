package nut

import "testing"

func TestNameCompare(t *testing.T) {
	for _, tt := range []struct {
		a, b Name
		want int
	}{
		{"ups.status", "ups.status", 0},
		{"UPS.Status", "ups.status", 0},
		{"battery.charge", "battery.charge.low", -1},
		{"input.L2-N.voltage", "input.l1-n.voltage", 1},
		{"", "a", -1},
		{"a", "B", -1}, // letters without case, not by their bytes
	} {
		if got := tt.a.Compare(tt.b); got != tt.want {
			t.Errorf("%q.Compare(%q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := tt.b.Compare(tt.a); got != -tt.want {
			t.Errorf("%q.Compare(%q) = %d, want %d", tt.b, tt.a, got, -tt.want)
		}
		if got := tt.a.Fold() == tt.b.Fold(); got != (tt.want == 0) {
			t.Errorf("%q and %q fold to the same: %t", tt.a, tt.b, got)
		}
		if got := tt.a.Equal(tt.b); got != (tt.want == 0) {
			t.Errorf("%q.Equal(%q) = %t", tt.a, tt.b, got)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"100": 100, "0764": 764, "-1": -1, "+2": 2, " 12.50 ": 12.5, ".5": .5, "5.": 5,
	} {
		if got, ok := ParseNumber(text); !ok || got != want {
			t.Errorf("%q: got %v, %t; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", ".", "-", "1e3", "0x10", "inf", "NaN", "1,200.20", "12 V", "1.2.3", "--1", "1-"} {
		if got, ok := ParseNumber(text); ok {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	s := ParseStatus("  OL CHRG  OL LB ")
	if s.String() != "OL CHRG LB" || !s.Has("LB") || s.Has("OB") {
		t.Errorf("got %q", s)
	}
	if ParseStatus("") != nil {
		t.Error("no words, and yet a status")
	}
}
