package collectors

import (
	"time"

	"github.com/wattnut/wattnut/nut"
)

// History is what has been counted of a UPS since it was first seen, by this
// process and those before it.
type History struct {
	Transfers    map[string]uint64 // to battery, by their cause
	Outages      uint64            // those of them that the mains was the cause of
	OnBattery    time.Duration     // in all
	ThisOutage   time.Duration     // on battery since the last transfer; 0 on mains
	LastTransfer time.Time         // to battery; zero for never
	Tested       time.Time         // when a self-test was seen to end; zero for never
	Measured     float64           // energy that the load took, J, by power that the device measured
	Estimated    float64           // and by load and nominal power
}

var (
	transfersDesc     = counted("nut_ups_transfers_total", "Transfers to battery, by what the device told of the cause.", "", "reason")
	outagesDesc       = counted("nut_ups_outages_total", "Transfers to battery that no test, calibration or command was the cause of.", "")
	onBatterySumDesc  = counted("nut_ups_on_battery_seconds_total", "Time on battery in all.", "seconds")
	energyDesc        = counted("nut_ups_energy_joules_total", "Energy that the load took, measured by the device, or estimated by load and nominal power.", "joules", "source")
	onBatteryTimeDesc = upsGauge("nut_ups_on_battery_seconds", "Time on battery in the present outage; 0 on mains.")
	lastTransferDesc  = upsGauge("nut_ups_last_transfer_timestamp_seconds", "When the UPS last went to battery.")
	lastTestDesc      = upsGauge("nut_ups_last_test_timestamp_seconds", "When the last self-test ended: as it was seen, or the day that the device tells (ups.test.date).")
	batteryAgeDesc    = upsGauge("nut_battery_age_seconds", "Time since the battery was put in (battery.date), or else was made (battery.mfr.date).")
)

func counted(name, help, unit string, labels ...string) *Desc {
	return &Desc{Name: name, Help: help + " Kept over restarts.", Kind: Counter, Unit: unit, Labels: append([]string{"ups"}, labels...)}
}

func upsGauge(name, help string) *Desc {
	return &Desc{Name: name, Help: help, Unit: "seconds", Labels: upsLabel}
}

// historyDescs are the families of a History.
var historyDescs = []*Desc{
	transfersDesc, outagesDesc, onBatterySumDesc, onBatteryTimeDesc, lastTransferDesc, energyDesc, lastTestDesc, batteryAgeDesc,
}

// Samples returns what is counted of the UPS that s is of, which need not be
// Live, and the ages that depend on the time now.
func (h History) Samples(s *nut.Snapshot, now time.Time) []Sample {
	w := writer{ups: label(s.UPS)}
	for reason, n := range h.Transfers {
		w.add(transfersDesc, float64(n), w.ups, reason)
	}
	w.add(outagesDesc, float64(h.Outages), w.ups)
	w.add(onBatterySumDesc, h.OnBattery.Seconds(), w.ups)
	w.add(onBatteryTimeDesc, h.ThisOutage.Seconds(), w.ups)
	w.moment(lastTransferDesc, h.LastTransfer)
	if h.Measured > 0 {
		w.add(energyDesc, h.Measured, w.ups, "measured")
	}
	if h.Estimated > 0 {
		w.add(energyDesc, h.Estimated, w.ups, "estimated")
	}
	w.moment(lastTestDesc, lastTest(h.Tested, s))
	if age, ok := batteryAge(s, now); ok {
		w.add(batteryAgeDesc, age, w.ups)
	}
	return w.samples
}

// moment adds a time, unless it never was.
func (w *writer) moment(d *Desc, t time.Time) {
	if !t.IsZero() {
		w.add(d, float64(t.UnixMilli())/1000, w.ups)
	}
}

// lastTest is when a self-test was seen to end, or the day that the device
// tells, if it is later.
func lastTest(seen time.Time, s *nut.Snapshot) time.Time {
	if s.Health != nut.Live {
		return seen
	}
	if seconds, ok := day(s.Value("ups.test.date")); ok && (seen.IsZero() || seconds > float64(seen.Unix())) {
		return time.Unix(int64(seconds), 0)
	}
	return seen
}

func batteryAge(s *nut.Snapshot, now time.Time) (float64, bool) {
	if s.Health != nut.Live {
		return 0, false
	}
	for _, name := range []nut.Name{"battery.date", "battery.mfr.date"} {
		if born, ok := day(s.Value(name)); ok && born <= float64(now.Unix()) {
			return float64(now.Unix()) - born, true
		}
	}
	return 0, false
}
