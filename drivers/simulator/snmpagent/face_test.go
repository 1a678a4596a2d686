package snmpagent

import (
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// simulated is a UPS whose time a test lets pass, and the objects of a face.
func simulated(face func(func(func(*model.UPS)), Identity) Objects) (*model.UPS, Objects) {
	u := model.New(model.Spec{
		Power: 1500, RealPower: 1000, Online: true, Ambient: 25,
		Battery: model.Battery{Capacity: 200, Voltage: 24, Health: 1, Charge: 1, Charger: 100},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.4},
	})
	u.Wire(model.Plugged)
	u.Step(time.Second)
	return u, face(func(f func(*model.UPS)) { f(u) }, Identity{Mfr: "Acme", Model: "Ion", Serial: "1", Firmware: "2", Name: "ion"})
}

func TestFaces(t *testing.T) {
	for name, tt := range map[string]struct {
		face            func(func(func(*model.UPS)), Identity) Objects
		model, source   string
		charge, volts   string
		onLine, battery int64
	}{
		"ups-mib":  {UPSMIB, "1.3.6.1.2.1.33.1.1.2.0", "1.3.6.1.2.1.33.1.4.1.0", "1.3.6.1.2.1.33.1.2.4.0", "1.3.6.1.2.1.33.1.3.3.1.3.1", 3, 5},
		"powernet": {PowerNet, "1.3.6.1.4.1.318.1.1.1.1.1.1.0", "1.3.6.1.4.1.318.1.1.1.4.1.1.0", "1.3.6.1.4.1.318.1.1.1.2.2.1.0", "1.3.6.1.4.1.318.1.1.1.3.2.1.0", 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			u, o := simulated(tt.face)
			if v := o.Get(tt.model); v.Text != "Ion" || v.Kind != snmp.Octets {
				t.Errorf("model %+v", v)
			}
			if v := o.Get(tt.source); v.Number != tt.onLine {
				t.Errorf("on line it says %+v", v)
			}
			if v := o.Get(tt.volts); v.Number < 210 || v.Number > 250 {
				t.Errorf("%+v volts", v)
			}
			u.Wire(model.Unplugged)
			u.Step(5 * time.Minute)
			if v := o.Get(tt.source); v.Number != tt.battery {
				t.Errorf("on battery it says %+v", v)
			}
			if v := o.Get(tt.volts); v.Number != 0 {
				t.Errorf("%+v volts without mains", v)
			}
			if v := o.Get(tt.charge); v.Number >= 100 || v.Number < 50 {
				t.Errorf("charge %+v after five minutes", v)
			}
			if v := o.Get("1.3.6.1.4.1.9"); v.Kind != snmp.Absent {
				t.Errorf("what is not there is %+v", v)
			}
		})
	}
}

// TestWalkFace walks each face from end to end, in order and once.
func TestWalkFace(t *testing.T) {
	for name, face := range map[string]func(func(func(*model.UPS)), Identity) Objects{"ups-mib": UPSMIB, "powernet": PowerNet} {
		_, o := simulated(face)
		n, last := 0, "1"
		for v := o.Next(last); v.Kind != snmp.Absent; v = o.Next(v.OID) {
			if compare(v.OID, last) <= 0 {
				t.Fatalf("%s: %s after %s", name, v.OID, last)
			}
			if got := o.Get(v.OID); got.Kind != v.Kind || got.OID != v.OID {
				t.Errorf("%s: %+v by Get, %+v by Next", name, got, v)
			}
			last = v.OID
			n++
		}
		if n < 40 {
			t.Errorf("%s has %d objects", name, n)
		}
	}
}

func TestOrders(t *testing.T) {
	number := func(oid string, n int64) snmp.Value { return snmp.Value{OID: oid, Kind: snmp.Integer, Number: n} }
	for _, tt := range []struct {
		face func(func(func(*model.UPS)), Identity) Objects
		v    snmp.Value
		done bool
		want func(*model.UPS) bool
	}{
		{UPSMIB, number("1.3.6.1.2.1.33.1.8.2.0", 30), true, func(u *model.UPS) bool { return u.Reading().ShutdownIn == 30*time.Second }},
		{UPSMIB, number("1.3.6.1.2.1.33.1.8.2.0", -1), true, func(u *model.UPS) bool { return u.Reading().ShutdownIn < 0 }},
		{UPSMIB, number("1.3.6.1.2.1.33.1.8.5.0", 2), true, func(u *model.UPS) bool { return !u.AutoStart }},
		{UPSMIB, snmp.Value{OID: "1.3.6.1.2.1.33.1.7.1.0", Kind: snmp.Object, Text: upsTests + ".4"}, true, func(u *model.UPS) bool { return u.Reading().State.Testing }},
		{UPSMIB, snmp.Value{OID: "1.3.6.1.2.1.33.1.7.1.0", Kind: snmp.Object, Text: upsTests + ".5"}, true, func(u *model.UPS) bool { return u.Reading().State.Calibrating }},
		{UPSMIB, snmp.Value{OID: "1.3.6.1.2.1.33.1.7.1.0", Kind: snmp.Object, Text: upsTests + ".9"}, false, nil},
		{UPSMIB, snmp.Value{OID: "1.3.6.1.2.1.33.1.7.1.0", Kind: snmp.Object, Text: upsTests + ".2"}, false, nil},
		{UPSMIB, number("1.3.6.1.2.1.33.1.7.1.0", 0), false, nil},
		{UPSMIB, number("1.3.6.1.2.1.33.1.9.8.0", 3), true, nil},
		{UPSMIB, number("1.3.6.1.2.1.33.1.9.8.0", 4), false, nil},
		{UPSMIB, number("1.3.6.1.2.1.33.1.2.4.0", 4), false, nil},
		{UPSMIB, number("1.3.6.1.2.1.33.1.99.0", 4), false, nil},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.6.2.1.0", 2), true, func(u *model.UPS) bool { return u.Reading().State.Off }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.6.2.1.0", 3), true, func(u *model.UPS) bool { return u.Reading().ShutdownIn >= 0 }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.6.2.1.0", 1), false, nil},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.6.1.1.0", 2), true, func(u *model.UPS) bool { return u.Reading().ShutdownIn >= 0 }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.6.2.7.0", 2), true, func(u *model.UPS) bool { return u.Reading().State.Bypass }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.7.2.2.0", 2), true, func(u *model.UPS) bool { return u.Reading().State.Testing }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.7.2.5.0", 2), true, func(u *model.UPS) bool { return u.Reading().State.Calibrating }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.5.2.3.0", 190), true, func(u *model.UPS) bool { return u.TransferLow == 190 }},
		{PowerNet, number("1.3.6.1.4.1.318.1.1.1.5.2.3.0", 1), false, nil},
		{PowerNet, snmp.Value{OID: "1.3.6.1.4.1.318.1.1.1.5.2.10.0", Kind: snmp.Ticks, Number: 6000}, true, func(u *model.UPS) bool { return u.Shutdown == time.Minute }},
		{PowerNet, snmp.Value{OID: "1.3.6.1.4.1.318.1.1.1.5.2.10.0", Kind: snmp.Ticks, Number: 1 << 40}, false, nil},
	} {
		u, o := simulated(tt.face)
		if done := o.Set(tt.v); done != tt.done {
			t.Errorf("%+v brings %v", tt.v, done)
		}
		if tt.want != nil {
			if u.Step(time.Millisecond); !tt.want(u) && tt.v.Number != 30 {
				t.Errorf("%+v: the UPS does not do it: %+v", tt.v, u.Reading())
			}
		}
	}
}
