package monitor

// critical tells why u can no longer be counted on; "" if it can. A UPS of
// which nothing is known can. The rules and their order are upsmon's, with our
// own limits before its last one.
func (m *Machine) critical(u *ups) string {
	if u.is[Forced] {
		return "forced shutdown"
	}
	if why := m.silence(u); why != "" {
		return why
	}
	if u.off.on && m.cfg.Off >= 0 && m.clock.reached(u.off.since, m.cfg.Off) {
		return "switched off"
	}
	if why := m.limits(u); why != "" {
		return why
	}
	return m.lowBattery(u)
}

// silence is the rules for a UPS that went silent when all was not well.
// A UPS that was trimming or boosting is not among them.
func (m *Machine) silence(u *ups) string {
	switch {
	case !u.lost.on || !m.clock.reached(u.lost.since, m.cfg.LostTime):
		return ""
	case u.over.on && m.cfg.Over >= 0 && m.clock.reached(u.over.since, m.cfg.Over):
		return "silent after overload"
	case u.is[Alarm] && m.cfg.AlarmCritical:
		return "silent after alarm"
	case u.is[Calibrating]:
		return "silent while calibrating"
	case u.is[Bypass]:
		return "silent on bypass"
	case u.off.on && m.cfg.Off >= 0:
		return "silent after being switched off"
	}
	return ""
}

// limits is the rules that are ours, and off unless asked for.
func (m *Machine) limits(u *ups) string {
	l := u.Limits
	switch {
	case !u.onBattery.on || u.is[Calibrating]:
		return ""
	case l.Charge > 0 && u.figure("battery.charge", l.Charge) == under:
		return "charge at its limit"
	case l.Runtime > 0 && u.figure("battery.runtime", l.Runtime.Seconds()) == under:
		return "runtime at its limit"
	case l.OnBattery > 0 && m.clock.reached(u.onBattery.since, l.OnBattery):
		return "time on battery at its limit"
	}
	return ""
}

// lowBattery is the rule for OB with LB, or with a silence that means it. A
// secondary gives its primary time to force the shutdown: as in NUT, from when
// the UPS was last known not to be critical, so that DEADTIME is a part of it.
func (m *Machine) lowBattery(u *ups) string {
	switch {
	case !u.low.on || !m.clock.reached(u.low.since, m.cfg.LowBattery):
		return ""
	case u.Primary:
		return "on battery and low"
	case m.clock.exceeded(min(u.low.since, u.heard), m.cfg.HostSync):
		return "on battery and low, and the primary does nothing"
	}
	return ""
}
