package probe_test

import (
	"crypto/tls"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut/client"
)

var devices = []nuttest.Device{
	{Name: "one", Desc: "The first", Dev: "ups.status: OL CHRG\nbattery.charge: 90\ndevice.model: Six \\\"inch\\\" rack\n"},
	{Name: "two", Dev: "ups.status: OB LB\nbattery.charge: 9\n"},
	{Name: "gone"},
	{Name: "stale", Says: "SETINFO ups.status OL\nDATASTALE\nDUMPDONE\n"},
}

// The distribution's upsd, with UPSes that are well, gone and stale.
func TestRealServer(t *testing.T) {
	upsd := nuttest.StartUPSD(t, nuttest.Config{Devices: devices, Users: "[monitor]\npassword = x\nupsmon secondary\n"})
	_, s := allow(t, upsd.Addr, "username: monitor", "password: x")
	nuttest.Await(t, func() error {
		return s.Ask(t.Context(), probe.User{}).Err
	})
	r := s.Ask(t.Context(), probe.User{})
	if got := brief(r); got != "one live 90, two live 9, gone absent, stale stale" || r.Err != nil || r.Version != "2.8.0" {
		t.Errorf("report: %s, version %s, %v", got, r.Version, r.Err)
	}
	one := r.UPSes[0]
	if one.Desc != "The first" || r.UPSes[1].Desc != "" || one.Snapshot.Value("driver.name") != "dummy-ups" {
		t.Errorf("descriptions %q %q, driver %q", one.Desc, r.UPSes[1].Desc, one.Snapshot.Value("driver.name"))
	}
	if got := brief(s.Ask(t.Context(), probe.User{}, "two", "three")); got != "two live 9, three absent" {
		t.Error(got)
	}
	if clients, err := s.Clients(t.Context()); err != nil || len(clients) != 4 {
		t.Errorf("%v, %v", clients, err)
	}
}

func TestRealServerWithTLS(t *testing.T) {
	directives, _ := nuttest.CertDB(t)
	upsd := nuttest.StartUPSD(t, nuttest.Config{Devices: devices[:1], Directives: directives})
	ask := func(lines ...string) *probe.Report {
		text := "targets:\n- target: \"127.0.0.1:" + upsd.Port + "\"\n"
		for _, line := range lines {
			text += "  " + line + "\n"
		}
		list, err := probe.Parse([]byte(text), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		servers := probe.New(list, discard())
		t.Cleanup(servers.Close)
		s, err := servers.Lookup(upsd.Addr)
		if err != nil {
			t.Fatal(err)
		}
		return s.Ask(t.Context(), probe.User{})
	}
	for _, lines := range [][]string{{"tls: no"}, {"tls: try"}, {}, {"tls: yes", "tls_config: {insecure_skip_verify: true}"}} {
		if r := ask(lines...); r.Err != nil || brief(r) != "one live 90" {
			t.Errorf("%q is %s, %v", lines, brief(r), r.Err)
		}
	}
	ca := certificate(t, upsd.Addr)
	if r := ask("tls_config: {server_name: localhost, ca_file: " + ca + "}"); r.Err != nil || brief(r) != "one live 90" {
		t.Errorf("verified it is %s, %v", brief(r), r.Err)
	}
	for _, lines := range [][]string{{"tls: yes"}, {"tls_config: {server_name: other, ca_file: " + ca + "}"}} {
		if r := ask(lines...); r.Err == nil || !strings.Contains(r.Err.Error(), "certificate") {
			t.Errorf("%q is %s, %v", lines, brief(r), r.Err)
		}
	}
}

// certificate writes the certificate of a server to a file.
func certificate(t *testing.T, address string) string {
	t.Helper()
	c, err := client.Dial(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	err = c.StartTLS(t.Context(), &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.PeerCertificates[0].Raw})
		return os.WriteFile(path, block, 0o600)
	}})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Who demands TLS sends no password to a server that has none.
func TestNoPasswordWithoutTLS(t *testing.T) {
	odd := server(t)
	list, err := probe.Parse([]byte("targets:\n- {target: \""+odd.Addr+"\", tls: yes, username: u, password: p}\n"), ".")
	if err != nil {
		t.Fatal(err)
	}
	servers := probe.New(list, discard())
	defer servers.Close()
	s, err := servers.Lookup(odd.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Ask(t.Context(), probe.User{}); r.Err == nil {
		t.Error("asked in clear")
	}
	if got := odd.Requests(); len(got) != 1 || got[0] != "STARTTLS" {
		t.Errorf("asked %q", got)
	}
}
