package snmp

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

func TestIdentify(t *testing.T) {
	for name, want := range map[string]Identity{
		"apc":        {"apcc", "APC", "Smart-UPS 1500", "AS1425121234", "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2)"},
		"ietf":       {"ietf", "Acme", "Ion 3000", "", "UPS-MIB card 3.1"},
		"ietf-three": {"tripplite", "Acme", "Ion 30k", "", "UPS-MIB card 3.1"},
		"eaton-epdu": {"eaton_epdu", "EATON", "EMAB04", "U00EE1234", "ePDU MA 0U"},
	} {
		for _, version := range []string{"v1", "v2c"} {
			a := serve(t, played(t, name).Recording, snmpagent.Config{})
			got, err := Identify(t.Context(), transport.Config{Address: a.Addr().String(), Version: version, Community: "public"}, "")
			if err != nil || got != want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if n := a.Asked(); version == "v2c" && n > 4 {
				t.Errorf("%s: %d packets", name, n)
			}
		}
	}
}

// TestIdentifyOthers: a router is no power device, silence is nobody, and
// neither takes long.
func TestIdentifyOthers(t *testing.T) {
	router := &transport.Recording{}
	router.Put(transport.Value{OID: oidSysDescr, Kind: transport.Octets, Text: "a router"})
	router.Put(transport.Value{OID: oidSysObjectID, Kind: transport.Object, Text: "1.3.6.1.4.1.9.1.1"})
	a := serve(t, router, snmpagent.Config{})
	for _, version := range []string{"v1", "v2c"} {
		who, err := Identify(t.Context(), transport.Config{Address: a.Addr().String(), Version: version, Community: "public"}, "")
		if err != nil || who.MIB != "" || who.Description != "a router" {
			t.Errorf("%s: %+v, %v", version, who, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := Identify(ctx, transport.Config{Address: a.Addr().String(), Community: "wrong", Timeout: time.Minute}, "")
	if !errors.Is(err, transport.ErrSilent) || time.Since(began) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func TestDetectByName(t *testing.T) {
	l, err := openLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.detect(t.Context(), played(t, "apc"), "nonsense"); err == nil {
		t.Error("a MIB that there is not is found")
	}
	if _, err := l.detect(t.Context(), played(t, "apc"), "ietf"); err == nil {
		t.Error("a device of another MIB will do")
	}
	if e, err := l.detect(t.Context(), played(t, "apc"), "apcc"); err != nil || e.name != "apc" {
		t.Errorf("found %s, %v", e.name, err)
	}
}
