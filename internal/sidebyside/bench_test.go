package sidebyside

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// The sides of a bench.
var sides = [2]string{"theirs", "ours"}

// bench is one server and both upsmons. Each has a twin of each UPS to itself,
// so that neither sees what the other does to it: "one.theirs" and "one.ours".
type bench struct {
	testing.TB

	server   *server
	watchers [2]*watcher
	guests   [2]guest
	seen     [2]int // events that were waited for
}

// guest is a secondary that logs in by hand.
type guest interface{ Close() error }

// newBench starts a server with both twins of two UPSes, and both upsmons. In
// conf, $UPS1 and $UPS2 are the two.
func newBench(tb testing.TB, program, conf string) *bench {
	tb.Helper()
	b := &bench{TB: tb, server: serve(tb, program, "one.theirs", "one.ours", "two.theirs", "two.ours")}
	var confs [2]string
	for i, side := range sides {
		confs[i] = strings.NewReplacer("$UPS1", "one."+side+"@"+b.server.addr, "$UPS2", "two."+side+"@"+b.server.addr).Replace(conf)
	}
	b.watchers[0], b.watchers[1] = watchTheirs(newPlace(tb), confs[0]), watchOurs(newPlace(tb), confs[1])
	return b
}

// logins waits until both are logged in to a UPS, and nobody else beside guests.
func (b *bench) logins(ups string, want int) {
	b.Helper()
	for _, side := range sides {
		nuttest.Await(b, func() error {
			got, err := b.server.logins(ups + "." + side)
			if err == nil && got != want {
				err = fmt.Errorf("%d are logged in to %s.%s, not %d", got, ups, side, want)
			}
			return err
		})
	}
}

// await waits until both did something of each kind, after what was waited for
// before.
func (b *bench) await(kinds ...string) {
	b.Helper()
	for i, w := range b.watchers {
		nuttest.Await(b, func() error {
			next := b.seen[i]
			for _, kind := range kinds {
				at := after(w.events(), b.seen[i], kind)
				if at < 0 {
					return errors.New(sides[i] + " do not tell " + kind)
				}
				next = max(next, at)
			}
			b.seen[i] = next
			return nil
		})
	}
}

// after is the place after the first event of a kind from a place on; negative
// if there is none.
func after(events []event, from int, kind string) int {
	for i := from; i < len(events); i++ {
		if events[i].kind == kind {
			return i + 1
		}
	}
	return -1
}

// step is something that happens in a history.
type step func(b *bench)

// says has a UPS change its status.
func says(status string) step        { return sets("one", "ups.status", status) }
func saysOf(ups, status string) step { return sets(ups, "ups.status", status) }
func told(kinds ...string) step      { return func(b *bench) { b.Helper(); b.await(kinds...) } }
func goesDown(b *bench)              { b.Helper(); b.await(down) }
func waits(d time.Duration) step     { return func(b *bench) { b.Helper(); rest(b, d) } }
func forces(b *bench)                { each(b, func(w *watcher) { w.fsd() }) }
func serverGoes(b *bench)            { b.server.goes() }
func serverComes(b *bench)           { b.Helper(); b.server.comes() }
func loses(b *bench)                 { drivers(b, "one", func(d *driver) { d.losesDevice(true) }) }

func finds(b *bench)            { drivers(b, "one", func(d *driver) { d.losesDevice(false) }) }
func driverGoes(b *bench)       { drivers(b, "one", (*driver).goes) }
func driverComes(b *bench)      { drivers(b, "one", (*driver).comes) }
func driverNeverReady(b *bench) { drivers(b, "one", func(d *driver) { d.neverReady(true) }) }

func driverReady(b *bench)               { drivers(b, "one", func(d *driver) { d.neverReady(false) }) }
func each(b *bench, do func(w *watcher)) { do(b.watchers[0]); do(b.watchers[1]) }
func repeat(n int, steps ...step) (all []step) {
	for range n {
		all = append(all, steps...)
	}
	return all
}

func sets(ups, name, value string) step {
	return func(b *bench) { drivers(b, ups, func(d *driver) { d.says(name, value) }) }
}

func drivers(b *bench, ups string, do func(d *driver)) {
	for _, side := range sides {
		do(b.server.drivers[ups+"."+side])
	}
}

// guestComes has a secondary log in to each twin, that leaves only when told to.
func guestComes(b *bench) {
	b.Helper()
	for i, side := range sides {
		b.guests[i] = b.server.visit("second", "s3c", "one."+side)
	}
	b.logins("one", 2)
}

func guestLeaves(b *bench) {
	b.guests[0].Close()
	b.guests[1].Close()
}

// serverForces has somebody else latch the forced shutdown on each twin.
func serverForces(b *bench) {
	b.Helper()
	for _, side := range sides {
		c := b.server.visit("mon", "m0n", "one."+side)
		if err := c.FSD(b.Context(), "one."+side); err != nil {
			b.Error(err)
		}
		c.Close()
	}
}
