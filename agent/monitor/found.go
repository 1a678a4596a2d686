package monitor

// meet tells of the UPSes that are heard for the first time what they were found
// to be.
func (m *Monitor) meet() {
	if m.options.Found == nil {
		return
	}
	for _, u := range m.machine.upses {
		if u.last != nil && !m.found[u.Name] {
			m.found[u.Name] = true
			m.options.Found(u.Name, u.kinds())
		}
	}
}

// kinds are the notices that would have led to f: of what it is, and of the end
// of what it is not.
func (f *facts) kinds() []Type {
	all := append([]Type{CommOK}, f.says...)
	for _, t := range pairs {
		if !f.is[t] {
			all = append(all, t+1)
		}
	}
	if len(f.other) > 0 {
		return append(all, Other)
	}
	return append(all, NotOther)
}
