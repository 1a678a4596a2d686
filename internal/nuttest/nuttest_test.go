package nuttest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

func TestStartUPSD(t *testing.T) {
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: []nuttest.Device{
		{Name: "one", Desc: "The first", Dev: "ups.status: OL\nups.load: 12\n"},
		{Name: "none"},
		{
			Name: "played", Says: "SETINFO ups.status OL\nADDCMD load.off\nADDCMD load.on\nDATAOK\nDUMPDONE\n",
			Outcomes: map[string]int{"load.off": 3},
		},
	}, Users: "[admin]\npassword = x\ninstcmds = ALL\n"})
	c, err := client.Dial(t.Context(), u.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if load, err := c.GetVar(t.Context(), "one", "ups.load"); err != nil || load != "12" {
		t.Errorf("load %q, %v", load, err)
	}
	list, err := c.ListUPS(t.Context())
	if err != nil || len(list) != 3 || list[0].Description != "The first" {
		t.Errorf("list %q, %v", list, err)
	}
	if err := errors.Join(c.Authenticate(t.Context(), "admin", "x"), c.SetTracking(t.Context(), true)); err != nil {
		t.Fatal(err)
	}
	ticket, err := c.InstCmd(t.Context(), "played", "load.off")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(t.Context(), ticket, time.Millisecond); !errors.Is(err, nut.ErrFailed) {
		t.Errorf("outcome: %v", err)
	}
}
