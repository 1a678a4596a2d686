package snmp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// scanned scans the loopback address at an agent's port, and spells what is
// found.
func scanned(t *testing.T, a *snmpagent.Agent, asked ...drivers.Setting) string {
	t.Helper()
	at := netip.MustParseAddrPort(a.Addr().String())
	var all []string
	err := Driver.Scanners[0].Scan(t.Context(), drivers.Search{
		// Nobody answers at the second.
		Addresses: slices.Values([]netip.Addr{at.Addr(), netip.MustParseAddr("127.0.0.9")}),
		Port:      int(at.Port()), Parallel: 2, Timeout: 300 * time.Millisecond, Settings: asked,
	}, func(f drivers.Found) {
		if _, err := Driver.Bind(slices.DeleteFunc(slices.Clone(f.Settings), func(s drivers.Setting) bool { return s.Name == "desc" })); err != nil {
			t.Errorf("what was found does not start: %v", err)
		}
		text := f.Driver
		for _, s := range f.Settings {
			text += fmt.Sprintf(" %s=%q", s.Name, s.Value)
		}
		all = append(all, strings.ReplaceAll(text, a.Addr().String(), "HERE"))
	})
	if err != nil {
		t.Error(err)
	}
	return strings.Join(all, "\n")
}

func TestScan(t *testing.T) {
	user := transport.Security{Level: "authPriv", Name: "ups", AuthProtocol: "SHA256", AuthPassword: "authentic", PrivProtocol: "AES", PrivPassword: "private22"}
	a := serve(t, played(t, "mge").Recording, snmpagent.Config{User: user})
	if got := scanned(t, a); !strings.HasPrefix(got, `snmp-ups port="HERE" desc="`) || !strings.HasSuffix(got, `" mibs="mge" community="public"`) {
		t.Errorf("got %s", got)
	}
	if got := scanned(t, a, drivers.Setting{Name: "community", Value: "other"}); got != "" {
		t.Errorf("got %s", got)
	}
	v3 := settings("secLevel", "authPriv", "secName", "ups", "authProtocol", "SHA256", "authPassword", "authentic", "privProtocol", "AES", "privPassword", "private22")
	if got := scanned(t, a, v3...); !strings.Contains(got, `mibs="mge" snmp_version="v3" secLevel="authPriv" secName="ups" authProtocol="SHA256"`) {
		t.Errorf("got %s", got)
	}
}

func TestScanPassesOthersOver(t *testing.T) {
	a := serve(t, nothing{}, snmpagent.Config{})
	if got := scanned(t, a); got != "" {
		t.Errorf("got %s", got)
	}
}

// nothing is the agent of something that is no power device.
type nothing struct{}

func (nothing) Get(oid string) transport.Value  { return transport.Value{OID: oid} }
func (nothing) Next(oid string) transport.Value { return transport.Value{OID: oid} }
func (nothing) Set(transport.Value) bool        { return false }

func TestScanRefuses(t *testing.T) {
	err := Driver.Scanners[0].Scan(t.Context(), drivers.Search{Settings: settings("secLevel", "authPriv", "authPassword", "geheim!")}, nil)
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
}

func TestJoin(t *testing.T) {
	for _, tt := range [][3]string{{"", "", ""}, {"APC", "", "APC"}, {"", "5P", "5P"}, {"Eaton", "5P", "Eaton 5P"}, {"APC", "APC Smart", "APC Smart"}} {
		if got := join(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%q", got)
		}
	}
}
