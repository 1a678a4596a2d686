package monitor

// Status is where a decision stands, for metrics.
type Status struct {
	Supplies int    // the power values of the UPSes that can be counted on (nut_upsmon_power_value)
	Needed   int    // MINSUPPLIES (nut_upsmon_min_supplies)
	State    string // of [States] (nut_upsmon_shutdown_state)

	// Low tells that the host must be expected to go down, even if it is not
	// decided yet: too many of its UPSes are on battery and low.
	Low bool

	known bool // each UPS that counts was heard, or the host goes down
}

// States are what the State of a [Status] can be, in their order: from watching
// to the host's end.
func States() []string { return []string{"watching", "syncing", "final", "lingering", Ended} }

// Ended is the State of a decision that nothing is left to do for: the host is
// on its way down.
const Ended = "ended"

// Status is where the decision stood after the last step.
func (m *Machine) Status() *Status {
	s := &Status{Needed: m.cfg.MinSupplies, State: States()[m.phase], known: true}
	sure := 0
	for _, u := range m.upses {
		s.known = s.known && (u.last != nil || u.Value == 0)
		if m.critical(u) != "" {
			continue
		}
		s.Supplies += u.Value
		if !u.low.on {
			sure += u.Value
		}
	}
	s.Low = m.phase != watching || sure < s.Needed
	s.known = s.known || s.Low
	return s
}
