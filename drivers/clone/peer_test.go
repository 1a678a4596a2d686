package clone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/nutsocket"
	"github.com/wattnut/wattnut/internal/nutdriver"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// follow goes by the socket of a driver.
func follow(ctx context.Context, env drivers.Env, b Base) (drivers.Device, error) {
	open, err := nutsocket.Driver.Bind([]drivers.Setting{{Name: "port", Value: b.Port}})
	if err != nil {
		return nil, err
	}
	return open(ctx, env)
}

const cloned = `ups.status: OL CHRG
battery.charge: 90
battery.charge.low: 10
battery.runtime: 1000
ups.delay.shutdown: 20
outlet.1.status: on
outlet.1.delay.shutdown: 7
`

// shows tells whether a variable is as a device file has it, if it is there at all.
func shows(s *nut.Snapshot, file string, name nut.Name) bool {
	v, ok := s.Lookup(name)
	return !ok || strings.Contains(file, fmt.Sprintf("%s: %s\n", name, v.Value))
}

// TestClonesBesideNUT: the distribution's clone and clone-outlet and ours follow
// one driver, the distribution's dummy-ups, into an outage.
func TestClonesBesideNUT(t *testing.T) {
	file := filepath.Join(nuttest.ShortDir(t), "base.dev")
	write := func(text string) {
		err := os.WriteFile(file+".new", []byte(text), 0o644)
		if err = errors.Join(err, os.Rename(file+".new", file)); err != nil { // never half of it
			t.Fatal(err)
		}
	}
	write(cloned)
	base := nutdriver.Theirs(t, "dummy-ups", "port", file, "mode", "dummy-loop")
	// NUT's look below their state folder only.
	socket := "../../../../../.." + base.Socket
	options := []string{"load.off", "outlet.1.load.off", "load.on", "outlet.1.load.on", "load.status", "outlet.1.status", "offdelay", "3600", "ondelay", "3", "mincharge", "40", "minruntime", "300"}
	outlet := []string{"prefix", "outlet.1"}
	pairs := map[string][2]*nutdriver.Device{
		"clone": {
			nutdriver.Ours(t, New(follow), append([]string{"port", base.Socket}, options...)...),
			nutdriver.Theirs(t, "clone", append([]string{"port", socket}, options...)...),
		},
		"clone-outlet": {
			nutdriver.Ours(t, NewOutlet(follow), append([]string{"port", base.Socket}, outlet...)...),
			nutdriver.Theirs(t, "clone-outlet", append([]string{"port", socket}, outlet...)...),
		},
	}
	for _, tt := range []struct {
		name, text         string
		clone, cloneOutlet string // status
	}{
		{"on line", cloned, "OL CHRG", "OL CHRG"},
		{"on battery", strings.Replace(cloned, "OL CHRG", "OB DISCHRG", 1), "OB DISCHRG", "OB DISCHRG"},
		{"outlet off", strings.NewReplacer("OL CHRG", "OB DISCHRG", "status: on", "status: off").Replace(cloned), "OB DISCHRG", "OB DISCHRG OFF"},
		{"low", strings.NewReplacer("OL CHRG", "OB DISCHRG", "charge: 90", "charge: 39").Replace(cloned), "FSD OB DISCHRG", "OB DISCHRG"},
	} {
		write(tt.text)
		for driver, pair := range pairs {
			want := map[string]string{"clone": tt.clone, "clone-outlet": tt.cloneOutlet}[driver]
			// All that changes is there, not only what is first in the file, and not what was before.
			there := func(status string) func(*nut.Snapshot) bool {
				return func(s *nut.Snapshot) bool {
					return strings.HasSuffix(status, s.Value("ups.status")) && shows(s, tt.text, "battery.charge") && shows(s, tt.text, "outlet.1.status")
				}
			}
			ours := pair[0].Await(tt.name, func(s *nut.Snapshot) bool { return s.Value("ups.status") == want && there(want)(s) })
			theirs := pair[1].Await(tt.name, there(want))
			differences := nutdriver.Differences(ours, theirs)
			delete(differences, "ups.timer.shutdown") // runs
			if driver == "clone" && tt.name == "low" {
				delete(differences, "ups.status") // NUT's says FSD only when the status is told anew after the charge
			}
			nutdriver.Check(t, "differences-serial.md", driver, differences)
		}
	}
}
