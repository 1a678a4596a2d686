package usbdev

import (
	"errors"
	"strings"
	"testing"
)

var cyberPower = Info{
	VendorID: 0x0764, ProductID: 0x0501, Vendor: "CPS", Product: "UPS CP1500", Serial: "CX42",
	Bus: "001", Device: "004", Port: "1.4",
}

func TestSelector(t *testing.T) {
	for _, tt := range []struct {
		name     string
		selector Selector
		want     bool
	}{
		{"nothing asked", Selector{}, true},
		{"vendor id", Selector{VendorID: "0764"}, true},
		{"another vendor id", Selector{VendorID: "051d"}, false},
		{"product ids", Selector{ProductID: "05[0-9a-f]{2}"}, true},
		{"any case", Selector{Vendor: "cps", Product: "cp1500"}, true},
		{"a part is enough", Selector{Product: "CP"}, true},
		{"unless anchored", Selector{Product: "^CP"}, false},
		{"alternatives", Selector{Vendor: "^apc$|^cps$"}, true},
		{"serial", Selector{Serial: "^CX42$"}, true},
		{"one of two is wrong", Selector{Vendor: "CPS", Serial: "CX43"}, false},
		{"bus", Selector{Bus: "001"}, true},
		{"another bus", Selector{Bus: "002"}, false},
		{"port as NUT has it", Selector{BusPort: "004"}, true},
		{"way through the hubs", Selector{BusPort: `^1-1\.4$`}, true},
		{"another port", Selector{BusPort: "^1-1.3$|^003$"}, false},
		{"device", Selector{Device: "004"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			match, err := tt.selector.Compile()
			if err != nil {
				t.Fatal(err)
			}
			if got := match(cyberPower); got != tt.want {
				t.Errorf("%+v: %v", tt.selector, got)
			}
		})
	}
}

// Twins differ by their port alone, and one whose port is unknown is neither.
func TestSelectorTwins(t *testing.T) {
	match, err := Selector{BusPort: "^1-1.4$"}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	twin, lost := cyberPower, cyberPower
	twin.Port, lost.Port = "2.4", ""
	if !match(cyberPower) || match(twin) || match(lost) {
		t.Errorf("matched: %v, its twin: %v, one without a port: %v", match(cyberPower), match(twin), match(lost))
	}
}

func TestSelectorMistakes(t *testing.T) {
	_, err := Selector{Vendor: "(", Serial: "[", Bus: "001"}.Compile()
	if e, ok := errors.AsType[*PatternError](err); !ok || e.Option != "vendor" {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{`vendor: "(" is not a regular expression`, `serial: "["`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no %s", err, want)
		}
	}
}

func TestInfo(t *testing.T) {
	for _, tt := range []struct {
		info       Info
		text, port string
	}{
		{cyberPower, "0764:0501 CPS UPS CP1500 serial CX42 at bus 001 device 004 port 1.4", "004"},
		{Info{VendorID: 0x51d, ProductID: 2, Port: "12"}, "051d:0002 port 12", "012"},
		{Info{}, "0000:0000", ""},
	} {
		if got := tt.info.String(); got != tt.text {
			t.Errorf("%q, not %q", got, tt.text)
		}
		if got := tt.info.BusPort(); got != tt.port {
			t.Errorf("bus port %q, not %q", got, tt.port)
		}
	}
	for kind, want := range map[ReportKind]string{Input: "input", Output: "output", Feature: "feature", 9: "kind9"} {
		if kind.String() != want {
			t.Errorf("%v, not %s", kind, want)
		}
	}
}
