package iprange

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// spell writes a range as its first and last address and their number, or the
// error.
func spell(r Range, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	n := len(slices.Collect(All([]Range{r})))
	return r.First.String() + " " + r.Last.String() + " " + strings.Repeat("|", min(n, 9))
}

func TestBetween(t *testing.T) {
	for _, tt := range []struct{ first, last, want string }{
		{"192.0.2.1", "192.0.2.3", "192.0.2.1 192.0.2.3 |||"},
		{"192.0.2.3", "192.0.2.1", "192.0.2.1 192.0.2.3 |||"},
		{"192.0.2.1", "", "192.0.2.1 192.0.2.1 |"},
		{"", "192.0.2.1", "192.0.2.1 192.0.2.1 |"},
		{"192.0.2.255", "192.0.3.1", "192.0.2.255 192.0.3.1 |||"},
		{"::ffff:192.0.2.1", "192.0.2.2", "192.0.2.1 192.0.2.2 ||"},
		{"2001:db8::fffe", "2001:db8::1:1", "2001:db8::fffe 2001:db8::1:1 ||||"},
		{"255.255.255.254", "255.255.255.255", "255.255.255.254 255.255.255.255 ||"},
		{"", "", `error: "" is not an IP address`},
		{"nas.example", "", `error: "nas.example" is not an IP address`},
		{"192.0.2.1", "2001:db8::1", "error: 192.0.2.1 and 2001:db8::1 are not of one family"},
		{"0.0.0.0", "255.255.255.255", "error: 0.0.0.0 to 255.255.255.255 are too many addresses to ask each; 16777216 at the most"},
		{"::", "ffff::", "error: :: to ffff:: are too many addresses to ask each; 16777216 at the most"},
	} {
		if got := spell(Between(tt.first, tt.last)); got != tt.want {
			t.Errorf("%s to %s: got %s, want %s", tt.first, tt.last, got, tt.want)
		}
	}
}

func TestCIDR(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.0/29":   "192.0.2.1 192.0.2.6 ||||||",
		"192.0.2.77/29":  "192.0.2.73 192.0.2.78 ||||||",
		"192.0.2.8/31":   "192.0.2.8 192.0.2.9 ||",
		"192.0.2.8/32":   "192.0.2.8 192.0.2.8 |",
		"192.0.2.8":      "192.0.2.8 192.0.2.8 |",
		"2001:db8::/126": "2001:db8:: 2001:db8::3 ||||",
		"192.0.2.0/33":   `error: "192.0.2.0/33" is not a network such as 192.0.2.0/24`,
		"2001:db8::/64":  "error: 2001:db8:: to 2001:db8::ffff:ffff:ffff:ffff are too many addresses to ask each; 16777216 at the most",
	} {
		if got := spell(CIDR(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestAuto(t *testing.T) {
	networks := []netip.Prefix{netip.MustParsePrefix("192.0.2.77/24"), netip.MustParsePrefix("2001:db8::1234/64")}
	for word, want := range map[string]string{
		"auto":      "192.0.2.1-192.0.2.254 2001:db8::1200-2001:db8::12ff",
		"auto4":     "192.0.2.1-192.0.2.254",
		"auto4/28":  "192.0.2.65-192.0.2.78",
		"auto4/16":  "192.0.2.1-192.0.2.254", // a network is never made larger
		"auto6":     "2001:db8::1200-2001:db8::12ff",
		"auto6/124": "2001:db8::1230-2001:db8::123f",
		"auto6/64":  "2001:db8:: to 2001:db8::ffff:ffff:ffff:ffff are too many addresses to ask each; 16777216 at the most",
		"auto5":     `"auto5" is none of auto, auto4, auto6`,
		"auto/x":    `"x" is not a number of bits`,
		"auto/0":    `"0" is not a number of bits`,
	} {
		ranges, err := Auto(word, networks)
		var got []string
		for _, r := range ranges {
			got = append(got, r.First.String()+"-"+r.Last.String())
		}
		if err != nil {
			got = []string{err.Error()}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %s, want %s", word, strings.Join(got, " "), want)
		}
	}
}

func TestAllEndsWhenAsked(t *testing.T) {
	n := 0
	for range All([]Range{{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.9")}, {netip.MustParseAddr("::1"), netip.MustParseAddr("::9")}}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d addresses", n)
	}
}

func TestNetworksOfThisHost(t *testing.T) {
	networks, err := Networks()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range networks {
		if p.Addr().IsLoopback() {
			t.Errorf("%s is the loopback", p)
		}
	}
}
