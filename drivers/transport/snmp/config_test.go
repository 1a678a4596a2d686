package snmp

import (
	"errors"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		address, network, host string
		port                   uint16
	}{
		{"ups", "udp", "ups", 161},
		{"ups:1161", "udp", "ups", 1161},
		{"10.0.0.7", "udp", "10.0.0.7", 161},
		{"fe80::1%eth0", "udp", "fe80::1%eth0", 161},
		{"[fe80::1]:1161", "udp", "fe80::1", 1161},
		{"[fe80::1]", "udp", "fe80::1", 161},
		{"tcp:ups:161", "tcp", "ups", 161},
		{"udp6:[::1]:7", "udp6", "::1", 7},
	} {
		network, host, port, err := split(tt.address)
		if err != nil || network != tt.network || host != tt.host || port != tt.port {
			t.Errorf("%s is %s %s %d, %v", tt.address, network, host, port, err)
		}
	}
	for _, address := range []string{"", "ups:", "ups:0", "ups:65536", "ups:x", ":161", "a b", "[::1]:x"} {
		if _, host, port, err := split(address); err == nil {
			t.Errorf("%q is %s %d", address, host, port)
		}
	}
}

func TestCheck(t *testing.T) {
	secret := Security{Level: "authPriv", Name: "ups", AuthProtocol: "SHA-256", PrivProtocol: "aes", AuthPassword: "12345678", PrivPassword: "12345678"}
	if err := (Config{Address: "ups", Version: "v3", Security: secret}).Check(); err != nil {
		t.Error(err)
	}
	with := func(edit func(*Security)) Config {
		s := secret
		edit(&s)
		return Config{Address: "ups", Version: "v3", Security: s}
	}
	for setting, c := range map[string]Config{
		"port":         {},
		"snmp_version": {Address: "ups", Version: "v4"},
		"community":    {Address: "ups", Community: strings.Repeat("x", 128)},
		"snmp_timeout": {Address: "ups", Timeout: -1},
		"snmp_retries": {Address: "ups", Retries: 101},
		"secName":      with(func(s *Security) { s.Name = "" }),
		"secLevel":     with(func(s *Security) { s.Level = "high" }),
		"authProtocol": with(func(s *Security) { s.AuthProtocol = "ROT13" }),
		"privProtocol": with(func(s *Security) { s.PrivProtocol = "ROT13" }),
		"authPassword": with(func(s *Security) { s.AuthPassword = "Secret!" }),
		"privPassword": with(func(s *Security) { s.PrivPassword = "Secret!" }),
	} {
		err := c.Check()
		if field, ok := errors.AsType[*FieldError](err); !ok || field.Setting != setting {
			t.Errorf("%s: got %v", setting, err)
		}
		if err != nil && strings.Contains(err.Error(), "Secret!") {
			t.Errorf("%s: %v has a password in it", setting, err)
		}
	}
	if err := (Config{Address: "ups", Version: "v2c", Security: Security{Level: "nonsense"}}).Check(); err != nil {
		t.Errorf("what is of v3 only brings %v", err)
	}
}
