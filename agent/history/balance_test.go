package history

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/nut"
)

// shown is what a UPS shows of a reading; one that measures no power has its
// load and its nominal power.
func shown(name string, r model.Reading, measures bool) *nut.Snapshot {
	var d nut.Draft
	word := nut.StatusOnBattery
	if r.State.Mains {
		word = nut.StatusOnline
	}
	d.SetStatus(word)
	d.Set("input.voltage", fmt.Sprintf("%.1f", r.Input.Volts))
	d.Set("battery.charge", fmt.Sprintf("%.0f", 100*r.Charge))
	d.Set("ups.load", fmt.Sprintf("%.0f", 100*r.Load))
	if measures {
		d.Set("ups.realpower", fmt.Sprintf("%.0f", r.Output.Watts))
	} else {
		d.Set("ups.realpower.nominal", "360")
	}
	return d.Freeze(name, nut.Live, time.Now())
}

// Two days of a UPS by physics, whose mains fails every three hours, with an
// agent that is restarted all the time: what is counted is what was.
func TestTwoDays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	synctest.Test(t, func(t *testing.T) {
		ups := model.New(model.Spec{
			Power: 600, RealPower: 360, Ambient: 22,
			Battery: model.Battery{Capacity: 84, Voltage: 12, Health: 0.9, Charge: 1, Charger: 50},
			Mains: model.Mains{
				Voltage: 230, Frequency: 50, Seed: 1,
				Outage: model.Event{First: time.Hour, Every: 3 * time.Hour, Lasts: 8 * time.Minute},
			},
			Load: model.Load{Level: 0.4, Swing: 0.5},
		})
		const step, days = 5 * time.Second, 48 * time.Hour
		var onBattery, unwatched time.Duration
		var outages uint64
		h, stop := start(t, path, present, t.Output())
		wasOn := false
		for at := time.Duration(0); at < days; at += step {
			r := ups.Reading()
			h.Observe(shown("measures", r, true))
			h.Observe(shown("estimates", r, false))
			if !r.State.Mains {
				onBattery += step
				if !wasOn {
					outages++
				}
			}
			wasOn = !r.State.Mains
			pass(step)
			ups.Step(step)
			if at%(7*time.Hour) == 6*time.Hour { // now and then, and once in an outage
				stop()
				pass(step)
				ups.Step(step)
				unwatched += step
				at += step
				if wasOn {
					onBattery += step
				}
				h, stop = start(t, path, present, t.Output())
			}
		}
		stop()
		h = Open(path, quiet())
		defer h.file.close()
		truth := ups.Reading().Total.Load * 3600
		for name, tolerance := range map[string]float64{"measures": 0.003, "estimates": 0.01} {
			a, past := h.Of(name, time.Now())
			if a.OnBattery != onBattery || a.Outages != outages || a.Transfers[VoltageLow] != outages || len(past) != int(outages) {
				t.Errorf("%s: %s on battery in %d outages (%d past), was %s in %d", name, a.OnBattery, a.Outages, len(past), onBattery, outages)
			}
			energy := a.Measured + a.Estimated
			if off := math.Abs(energy/truth - 1); off > tolerance || a.Measured*a.Estimated != 0 {
				t.Errorf("%s: %.0f J of %.0f, %.2f %% off", name, energy, truth, 100*off)
			}
			for _, o := range past {
				if o.Lowest == nil || *o.Lowest > 90 || o.EndUnseen {
					t.Errorf("%s: %s", name, show(o))
				}
			}
		}
		if outages != 16 || unwatched == 0 {
			t.Errorf("%d outages, %s unwatched", outages, unwatched)
		}
	})
}
