package nuttest_test

import (
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut/client"
)

func TestStartUPSD(t *testing.T) {
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: []nuttest.Device{
		{Name: "one", Desc: "The first", Dev: "ups.status: OL\nups.load: 12\n"},
		{Name: "none"},
	}})
	c, err := client.Dial(t.Context(), u.Addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if load, err := c.GetVar(t.Context(), "one", "ups.load"); err != nil || load != "12" {
		t.Errorf("load %q, %v", load, err)
	}
	list, err := c.ListUPS(t.Context())
	if err != nil || len(list) != 2 || list[0].Description != "The first" {
		t.Errorf("list %q, %v", list, err)
	}
}
