// Package drivertest has the conformance suite of the contract in drivers:
// what the agent may rely on, whatever the device. Each family passes it with
// one call of [Suite] against a device it can bring up in a test.
package drivertest

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut"
)

// Config is a device to try a family on. It must be there to be opened any
// number of times, and quiet: it says the same at each Read.
type Config struct {
	Driver   drivers.Driver
	Settings []drivers.Setting // that reach the device
	Env      drivers.Env       // a nil Log discards

	// FakeTime runs each check in a synctest bubble. It suits a device
	// that changes with time and waits for nothing real.
	FakeTime bool
	// Values are what to set writable variables to, for those where what
	// their attributes allow is not enough to guess one.
	Values map[nut.Name]string
	// Avoid names variables and commands that are not tried: those that
	// would end the device.
	Avoid []nut.Name
	// Foreign is how many names may be outside the vocabulary.
	Foreign int
	// Limit is how late a call may return after its context ended, and how
	// long all others may take: 2 s if zero.
	Limit time.Duration
}

// Suite runs all checks as subtests of t. It counts goroutines, so nothing else
// may run beside it.
func Suite(t *testing.T, c Config) {
	t.Helper()
	c = c.orDefaults()
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) {
			run := func(t *testing.T) {
				t.Helper()
				if err := check.run(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
			if c.FakeTime {
				synctest.Test(t, run)
			} else {
				run(t)
			}
		})
	}
}

// checks are functions that tell what is wrong, so that they can be tried
// themselves on devices that are.
var checks = []struct {
	name string
	run  func(context.Context, Config) error
}{
	{"describes itself", describes},
	{"refuses unknown settings", refusesUnknown},
	{"opens and closes", opensAndCloses},
	{"opens within its context", opensInTime},
	{"reads within its context", readsInTime},
	{"says the same twice", isStable},
	{"says clean facts", isClean},
	{"says known names", knowsNames},
	{"obeys or refuses commands", obeys},
	{"refuses unknown commands", refusesCommand},
	{"sets variables", sets},
}

func (c Config) orDefaults() Config {
	c.Env.Log = cmp.Or(c.Env.Log, slog.New(slog.DiscardHandler))
	c.Env.UPS = cmp.Or(c.Env.UPS, "drivertest")
	c.Limit = cmp.Or(c.Limit, 2*time.Second)
	return c
}

func (c Config) avoids(name nut.Name) bool { return slices.ContainsFunc(c.Avoid, name.Equal) }
