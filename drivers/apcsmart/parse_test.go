package apcsmart

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

func TestParseSet(t *testing.T) {
	for _, tt := range []struct {
		answer string
		set    request
		pairs  []request
		ok     bool
	}{
		{"3.!$%+?=#|.ABC", "ABC", nil, true},
		{"3.!$%+?=#|.\x01\x1aQ.\x9f:\xd3\xd4", "\x01\x1aQ", []request{"\x9f\xd3", "\x9f\xd4"}, true},
		{"3..Q.", "Q", nil, true},
		{"3..Q.x", "Q", nil, true},
		{"", "", nil, false},
		{"NA", "", nil, false},
		{"x.!.Q", "", nil, false},
		{"3.!", "", nil, false},
		{"3.!.", "", nil, false},
	} {
		set, pairs, err := parseSet(tt.answer)
		if set != tt.set || !slices.Equal(pairs, tt.pairs) || (err == nil) != tt.ok {
			t.Errorf("%q: %q, %q, %v", tt.answer, set, pairs, err)
		}
	}
}

func TestParseCapabilities(t *testing.T) {
	for _, tt := range []struct {
		answer, want string
		ok           bool
	}{
		{"#uI43253257261265", "uI:253,257,261,265", true},
		{"#sU41HMLLk4210T", "sU:H,M,L,L k4:0,T", true},
		{"#sU41HMLLk4410T", "", false}, // values are missing
		{"##uM23129124##e441T0NL", "uM:129,124 e4:T,0,N,L", true},
		{"#", "", true},
		{"#q/0", "", false},
		{"#q4(0xx", "", false}, // a count below 0 is none
		{"NA", "", false},
		{"", "", false},
	} {
		all, err := parseCapabilities(tt.answer)
		var got []string
		for _, c := range all {
			got = append(got, string(c.ask)+string(c.region)+":"+strings.Join(c.values, ","))
		}
		if (err == nil) != tt.ok {
			t.Errorf("%q: %v (%q)", tt.answer, err, got)
		}
		if tt.ok && strings.Join(got, " ") != tt.want {
			t.Errorf("%q: %q, want %q", tt.answer, got, tt.want)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for answer, want := range map[string]string{
		"08": "OL", "50": "OB LB", "0C": "BOOST OL", "0a": "TRIM OL", "A9": "CAL OL OVER RB", "00": "OFF",
	} {
		if s, ok := parseStatus(answer); !ok || strings.Join(s.words(), " ") != want {
			t.Errorf("%s: %v, want %s", answer, s.words(), want)
		}
	}
	for _, answer := range []string{"", "8", "008", "+8", "0x", "NA"} {
		if _, ok := parseStatus(answer); ok {
			t.Errorf("%q is a status", answer)
		}
	}
}

func TestValues(t *testing.T) {
	all, err := known()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ask    request
		answer string
		want   map[nut.Name]string
	}{
		{"L", "230.4", map[nut.Name]string{"input.voltage": "230.4"}},
		{"L", "NA", nil},
		{"L", "2\x7f0", nil},
		{"L", "", nil},
		{"j", "0327:", map[nut.Name]string{"battery.runtime": "19620"}},
		{"j", ":", nil},
		{"E", "336", map[nut.Name]string{"ups.test.interval": "1209600"}},
		{"E", "ON ", map[nut.Name]string{"ups.test.interval": "0"}},
		{"G", "H", map[nut.Name]string{"input.transfer.reason": "high utility voltage"}},
		{"G", "?", nil},
		{"9", "FF", map[nut.Name]string{"input.quality": "FF"}},
		{"H", "045.2,,50", map[nut.Name]string{"ambient.1.humidity": "045.2", "ambient.2.humidity": "N/A", "ambient.3.humidity": "50"}},
		{"H", "1,2,3,4,5", nil},
		{"H", "x", nil},
		{"T", "23.10", map[nut.Name]string{"ambient.1.temperature": "23.10"}},
		{"V", strings.Repeat("x", 65), nil},
	} {
		i := slices.IndexFunc(all.Variables, func(v variable) bool { return v.Ask == tt.ask })
		if got := all.Variables[i].values(tt.answer, all.Reasons); !maps.Equal(got, tt.want) {
			t.Errorf("%q %q: %v, want %v", tt.ask, tt.answer, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"3.!$%+?=#|.ABC.\x9f:\xd3", "#uI43253257261265", "##uM23129124", "0327:", "045.2,,50", "08", "ON "} {
		f.Add(seed)
	}
	all, err := known()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		parseSet(answer)
		parseStatus(answer)
		caps, err := parseCapabilities(answer)
		n := 0
		for _, c := range caps {
			n += len(strings.Join(c.values, ""))
		}
		if n > len(answer) || err == nil && !strings.HasPrefix(answer, "#") {
			t.Errorf("%q: %d bytes of values", answer, n)
		}
		for _, v := range all.Variables {
			for name, value := range v.values(answer, all.Reasons) {
				if !wire.Clean(value) || name == "" {
					t.Errorf("%s of %q: %q", v.Name, answer, value)
				}
			}
		}
	})
}
