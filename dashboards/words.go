package dashboards

// state is one number for what is most urgent about a UPS; states says what it
// means.
const state = `nut_ups_forced_shutdown{ups} * 6 > 0
or nut_ups_on_battery{ups} * nut_ups_low_battery{ups} * 5 > 0
or nut_ups_on_battery{ups} * 4 > 0
or nut_ups_off{ups} * 3 > 0
or nut_ups_bypass{ups} * 2 > 0
or nut_ups_up{ups}`

func states() words {
	return words{
		"0": {"No contact", "purple"},
		"1": {"On line", "green"},
		"2": {"Bypass", "yellow"},
		"3": {"Off", "blue"},
		"4": {"On battery", "orange"},
		"5": {"Low battery", "red"},
		"6": {"Forced shutdown", "dark-red"},
	}
}

// yesNo is for what should not be.
func yesNo(yes string) words {
	return words{"0": {"no", "green"}, "1": {"yes", yes}}
}

// goodBad is for what should be.
func goodBad() words {
	return words{"0": {"not good", "red"}, "1": {"good", "green"}}
}

// Colours by value.
func lowCharge() []step  { return []step{{below, "red"}, {0.3, "orange"}, {0.6, "green"}} }
func lowRuntime() []step { return []step{{below, "red"}, {300, "orange"}, {900, "green"}} }
func highLoad() []step   { return []step{{0.8, "orange"}, {0.95, "red"}} }

// anyAtAll colours what is best at zero.
func anyAtAll(colour string) []step { return []step{{1, colour}} }

// year in seconds.
const year = 365.25 * 24 * 3600

func oldBattery() []step { return []step{{4 * year, "orange"}, {5 * year, "red"}} }

// outagesOf30d counts the steps of the counter: a whole number, where increase
// would guess what was beyond the ends.
const outagesOf30d = `changes(nut_ups_outages_total{ups}[30d])`

// kilowattHours is what the load took in the time shown, added up by the minute:
// times without data add nothing.
const kilowattHours = `sum_over_time(rate(nut_ups_energy_joules_total{ups}[$__rate_interval])[$__range:1m]) / 60e3`
