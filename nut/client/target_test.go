package client_test

import (
	"testing"

	"github.com/wattnut/wattnut/nut/client"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct{ text, ups, address, again string }{
		{"ups", "ups", "localhost:3493", "ups"},
		{"ups@host", "ups", "host:3493", "ups@host"},
		{"ups@host:1234", "ups", "host:1234", "ups@host:1234"},
		{"ups@localhost:3493", "ups", "localhost:3493", "ups"},
		{"ups@127.0.0.1", "ups", "127.0.0.1:3493", "ups@127.0.0.1"},
		{"ups@[::1]", "ups", "[::1]:3493", "ups@[::1]"},
		{"ups@[fe80::1%eth0]:99", "ups", "[fe80::1%eth0]:99", "ups@[fe80::1%eth0]:99"},
		{"ups@::1", "ups", "[::1]:3493", "ups@[::1]"},
		{"a b@host", "a b", "host:3493", "a b@host"},
		{"@host", "", "", ""},
		{"", "", "", ""},
		{"ups@", "", "", ""},
		{"ups@host:", "", "", ""},
		{"ups@host:0", "", "", ""},
		{"ups@host:65536", "", "", ""},
		{"ups@host:nut", "", "", ""},
		{"ups@[::1", "", "", ""},
		{"ups@[::1]3493", "", "", ""},
		{"ups@a:b:c", "", "", ""},
	} {
		got, err := client.ParseTarget(tt.text)
		if tt.address == "" {
			if err == nil {
				t.Errorf("%q: got %+v", tt.text, got)
			}
			continue
		}
		if err != nil || got.UPS != tt.ups || got.Address() != tt.address || got.String() != tt.again {
			t.Errorf("%q: got %+v, %s, %v", tt.text, got, got, err)
		}
	}
}
