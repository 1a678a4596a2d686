package drill

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

func newUPS() *UPS {
	return New(model.New(model.Spec{
		Power: 1000, RealPower: 600, Ambient: 22,
		Battery: model.Battery{Capacity: 100, Voltage: 24, Health: 1, Charge: 1, Charger: 50},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.5},
	}), 10)
}

// TestOrders gives one order after the other, a second apart, which are ten of
// the UPS, and looks at what it says then.
func TestOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUPS()
		for _, tt := range []struct{ order, want, not string }{
			{"status", "online; input 2", "battery"},
			{"mains off", "on battery; input 0 V", "low"},
			{"status", "charge 9", ""},
			{"charge 5", "on battery, battery low", ""},
			{"Mains  ON", "online", ""},
			{"load 120%", "overloaded", ""},
			{"load 10 %", "load 1", "overloaded"},
			{"battery old", "battery to be replaced", ""},
			{"battery new", "charge 100", "replaced"},
			{"test", "testing", ""},
			{"mains auto", "", ""},
			{"go silent", "silent", ""},
			{"speak", "", "silent"},
			{"temperature 35", "", ""},
			{"off", "off;", ""},
			{"on", "online", "off"},
			{"test long", "testing", ""},
		} {
			time.Sleep(time.Second) //nolint:forbidigo // in a bubble: it is time that passes in the model
			got, err := u.Order(tt.order)
			if err != nil || !strings.Contains(got, tt.want) || tt.not != "" && strings.Contains(got, tt.not) {
				t.Errorf("%s: %q, %v; want %q and not %q", tt.order, got, err, tt.want, tt.not)
			}
		}
	})
}

func TestOrdersRefused(t *testing.T) {
	u := newUPS()
	for order, want := range map[string]string{
		"dance":     `"dance" is no order; "help" lists them`,
		"":          `"" is no order; "help" lists them`,
		"load":      `"load" is no order; "help" lists them`,
		"load many": `load: "many" is not a number`,
		"load 300":  "load: 300 is not from 0 to 200",
		"load nan":  "load: NaN is not from 0 to 200",
		"charge -1": "charge: -1 is not from 0 to 100",
	} {
		if _, err := u.Order(order); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", order, err, want)
		}
	}
	if _, err := u.Order("charge 0"); err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"mains off", "off"} {
		if _, err := u.Order(order); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := u.Order("on"); err == nil || err.Error() != "on: it cannot do that now" {
		t.Errorf("switched on without a mains and with an empty battery: %v", err)
	}
}

func TestHelpListsAll(t *testing.T) {
	help := Help()
	for _, o := range orders {
		if !strings.Contains(help, "  "+o.words) {
			t.Errorf("help does not tell of %q", o.words)
		}
	}
}
