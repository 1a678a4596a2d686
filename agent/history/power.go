package history

import "github.com/wattnut/wattnut/nut"

// maxWatts is more than any UPS gives: a device that says so does not mean it.
const maxWatts = 1e8

// power is what the load takes, in watts, and whether the device has measured
// it (ups.realpower). Otherwise it is the load's part of the nominal power
// (ups.load of ups.realpower.nominal), where volt-amperes count only with the
// power factor that the device gives. It is 0 where there is nothing to go by.
func power(s *nut.Snapshot) (watts float64, measured bool) {
	if watts, ok := amount(s, "ups.realpower"); ok {
		return watts, true
	}
	load, ok := amount(s, "ups.load")
	if !ok {
		return 0, false
	}
	nominal, ok := amount(s, "ups.realpower.nominal")
	if !ok {
		apparent, _ := amount(s, "ups.power.nominal")
		factor, _ := amount(s, "output.powerfactor")
		nominal = apparent * min(factor, 1)
	}
	return min(load/100*nominal, maxWatts), false
}

// amount reads a number that cannot be less than 0.
func amount(s *nut.Snapshot, name nut.Name) (float64, bool) {
	f, ok := s.Number(name)
	return f, ok && f >= 0 && f <= maxWatts
}
