package upsclient

import (
	"slices"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

const users = "[admin]\n\tpassword = sekret\n\tactions = SET\n\tinstcmds = ALL\n"

func peer(t *testing.T) *nuttest.UPSD {
	t.Helper()
	return nuttest.StartUPSD(t, nuttest.Config{
		Users: users,
		Devices: []nuttest.Device{
			{Name: "u", Dev: "ups.status: OL CHRG\nbattery.charge: 81\nups.id: here\n", Options: "pollinterval = 1"},
			{Name: "gone"},
		},
	})
}

func TestSuite(t *testing.T) {
	drivertest.Suite(t, drivertest.Config{
		Driver: Driver, Limit: 20 * time.Second,
		Settings: settings("port", "u@"+peer(t).Addr, "user", "admin", "password", "sekret"),
		Values:   map[nut.Name]string{"ups.status": "OB LB", "battery.charge": "12"},
	})
}

// TestLikeUPSC: what comes over is what a client of the server itself sees.
func TestLikeUPSC(t *testing.T) {
	addr := peer(t).Addr
	r, err := dial(t, env(t), "port", "u@"+addr)
	if err != nil {
		t.Fatal(err)
	}
	var d nut.Draft
	ours := read(t, r, &d)
	c, err := client.Dial(t.Context(), addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	theirs, err := c.ListVar(t.Context(), "u")
	if err != nil {
		t.Fatal(err)
	}
	theirs = slices.DeleteFunc(theirs, func(v client.Var) bool { return !carried(v.Name) })
	if ours.Len() != len(theirs) {
		t.Errorf("%d variables here, %d there", ours.Len(), len(theirs))
	}
	for _, v := range theirs {
		if got := ours.Value(v.Name); got != v.Value {
			t.Errorf("%s is %q here, %q there", v.Name, got, v.Value)
		}
	}
	if v, _ := ours.Lookup("ups.id"); !v.Writable || v.MaxLen != 16 {
		t.Errorf("ups.id came over as %+v", v)
	}
	if !ours.Takes("load.off") {
		t.Error("load.off did not come over")
	}
}
