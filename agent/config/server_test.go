package config

import (
	"crypto/tls"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut/conf"
)

func TestServer(t *testing.T) {
	local := []Listen{{Host: "127.0.0.1", Port: "3493"}, {Host: "::1", Port: "3493"}}
	c := sound(t, map[string]string{"ups.conf": oneUPS})
	if want := (Server{Listen: local, ListenDefault: true, MaxAge: 15 * time.Second, TrackingDelay: time.Hour}); !reflect.DeepEqual(c.Server, want) {
		t.Errorf("got %+v", c.Server)
	}
	c = sound(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": `
MAXAGE 25
TRACKINGDELAY 60
MAXCONN 100
STATEPATH /state
DATAPATH /data
DEBUG_MIN 3
ALLOW_NO_DEVICE true
ALLOW_NOT_ALL_LISTENERS yes
CERTFILE /cert.pem
CERTPATH /certs
CERTIDENT "my name" "my password"
CERTREQUEST REQUIRE
DISABLE_WEAK_SSL on
LISTEN *
LISTEN 0.0.0.0 tls-required
LISTEN [::1] nut no-anonymous TLS-required
LISTEN example.org 0
`})
	want := Server{
		Listen: []Listen{
			{Host: "*", Port: "3493"},
			{Host: "0.0.0.0", Port: "3493", TLSRequired: true},
			{Host: "::1", Port: "nut", TLSRequired: true, NoAnonymous: true},
			{Host: "example.org", Port: "0"},
		},
		MaxAge: 25 * time.Second, TrackingDelay: time.Minute, MaxConn: 100, DataPath: "/data", DebugMin: 3,
		AllowNoDevice: true, AllowNotAllListeners: true,
		CertFile: "/cert.pem", CertPath: "/certs", CertName: "my name", CertPassword: "my password",
		ClientAuth: tls.RequireAndVerifyClientCert, DisableWeakSSL: true,
	}
	if !reflect.DeepEqual(c.Server, want) {
		t.Errorf("got\n%+v\nwant\n%+v", c.Server, want)
	}
}

func TestClientAuth(t *testing.T) {
	for word, want := range map[string]tls.ClientAuthType{
		"0": tls.NoClientCert, "NO": tls.NoClientCert, "1": tls.VerifyClientCertIfGiven, "request": tls.VerifyClientCertIfGiven,
		"2": tls.RequireAndVerifyClientCert, "REQUIRE": tls.RequireAndVerifyClientCert,
	} {
		if got := clientAuth(word); got != want {
			t.Errorf("CERTREQUEST %s is %v", word, got)
		}
	}
}

func TestListenRefused(t *testing.T) {
	tests := []struct{ line, want string }{
		{"127.0.0.1 99999", "port 99999 is not between 0 and 65535"},
		{`127.0.0.1 ""`, `"" is neither the number of a port nor a service's name`},
		{"127.0.0.1 -1", "port -1 is not between 0 and 65535"},
		{"127.0.0.1 no-such-service", `"no-such-service" is neither the number of a port nor a service's name`},
		{"127.0.0.1:3493", "the port is a word of its own: LISTEN 127.0.0.1 3493"},
		{"1:2:3", `"1:2:3" is neither an address nor a name`},
		{`""`, `"" is neither an address nor a name`},
	}
	for _, tt := range tests {
		_, r := load(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": "LISTEN " + tt.line + "\n"})
		if len(r.Problems) != 2 || r.Problems[1].Error() != "upsd.conf:1: LISTEN: "+tt.want || r.Problems[0].Severity != conf.Fatal {
			t.Errorf("LISTEN %s: %v", tt.line, r.Problems)
		}
	}
}

func TestListenEnvironment(t *testing.T) {
	t.Setenv("WATTNUT_LISTEN", "0.0.0.0 1234 tls-required, ::1,[::1]:99 no-anonymous,x:nonsense")
	c, r := load(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": "LISTEN 10.0.0.1\nCERTFILE x.pem\n"})
	want := []Listen{{Host: "0.0.0.0", Port: "1234", TLSRequired: true}, {Host: "::1", Port: "3493"}, {Host: "::1", Port: "99", NoAnonymous: true}}
	if !slices.Equal(c.Server.Listen, want) {
		t.Errorf("got %v", c.Server.Listen)
	}
	if len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0].Error(), "WATTNUT_LISTEN:4: LISTEN: ") {
		t.Errorf("got %v", r.Problems)
	}
}

func TestAllow(t *testing.T) {
	tests := []struct {
		env, nut, upsd string
		want           bool
	}{
		{"", "", "", false},
		{"", "", "yes", true},
		{"", "false", "yes", false},
		{"", "true", "", true},
		{"no", "true", "yes", false},
		{"1", "", "", true},
		{"junk", "", "yes", true},
	}
	for _, tt := range tests {
		files := map[string]string{"ups.conf": ""}
		if tt.nut != "" {
			files["nut.conf"] = "ALLOW_NO_DEVICE=" + tt.nut + "\n"
		}
		if tt.upsd != "" {
			files["upsd.conf"] = "ALLOW_NO_DEVICE " + tt.upsd + "\n"
		}
		clean(t)
		t.Setenv("ALLOW_NO_DEVICE", tt.env)
		c, r := Load(Options{Dir: write(t, files)})
		if c.Server.AllowNoDevice != tt.want || (r.Err(conf.Fatal) == nil) != tt.want {
			t.Errorf("%+v: %v, %v", tt, c.Server.AllowNoDevice, r.Problems)
		}
		if tt.env == "junk" && !strings.HasPrefix(r.Err(conf.Warning).Error(), "ALLOW_NO_DEVICE: ") {
			t.Errorf("%v", r.Problems)
		}
	}
}

// TLS that is asked for and cannot be had is told: Debian's NUT has its
// certificates in a database of NSS.
func TestTLSWithoutCertificate(t *testing.T) {
	for _, tt := range []struct {
		upsd  string
		want  string
		worst conf.Severity
	}{
		{"LISTEN 127.0.0.1 3493 tls-required\n", "upsd.conf: LISTEN: tls-required, and no CERTFILE: nobody could be served there", conf.Error},
		{"CERTPATH /etc/nut/db\nCERTIDENT \"a name\" sekret\n", "upsd.conf: there is no TLS without CERTFILE", conf.Warning},
	} {
		_, r := load(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": tt.upsd})
		if len(r.Problems) != 1 || !strings.HasPrefix(r.Problems[0].Error(), tt.want) || r.Problems[0].Severity != tt.worst {
			t.Errorf("%s: %v", tt.upsd, r.Problems)
		}
		_, r = load(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": tt.upsd + "CERTFILE /etc/nut/cert.pem\n"})
		if len(r.Problems) != 0 {
			t.Errorf("with CERTFILE: %v", r.Problems)
		}
	}
}
