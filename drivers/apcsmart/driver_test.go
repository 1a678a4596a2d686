package apcsmart

import (
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/smart"
)

func TestSuite(t *testing.T) {
	u := simulate(t, smart.Identity{})
	drivertest.Suite(t, drivertest.Config{
		Driver: Driver, Settings: []drivers.Setting{{Name: "port", Value: u.port}}, Foreign: 0,
	})
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		good        bool
	}{
		{"sdtype", "5", true},
		{"sdtype", "6", false},
		{"sdtype", "-1", false},
		{"advorder", "no", true},
		{"advorder", "01234", true},
		{"advorder", "5", false},
		{"advorder", "012340", false},
		{"awd", "12", true},
		{"awd", "1234", false},
		{"awd", "x", false},
		{"cshdelay", "9.9", true},
		{"cshdelay", "10", false},
		{"cable", "940-0095B", true},
		{"ttymode", "raw", true},
	} {
		_, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: "/dev/ttyS0"}, {Name: tt.name, Value: tt.value}})
		if (err == nil) != tt.good {
			t.Errorf("%s = %s: %v", tt.name, tt.value, err)
		}
	}
}
