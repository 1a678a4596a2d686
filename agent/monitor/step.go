package monitor

import (
	"context"
	"time"
)

// start makes the sources those that the configuration asks for.
func (m *Monitor) start(ctx context.Context) {
	wanted := make(map[string]bool, len(m.watches))
	for _, w := range m.watches {
		wanted[w.Name] = true
		old := m.sources[w.Name]
		if old != nil && old.watch.equal(w) {
			continue
		}
		if old != nil {
			old.end()
		}
		m.sources[w.Name] = m.begin(ctx, w)
	}
	for name, s := range m.sources {
		if !wanted[name] {
			s.end()
			delete(m.sources, name)
		}
	}
}

func (m *Monitor) begin(ctx context.Context, w watch) *running {
	ctx, end := context.WithCancel(ctx)
	s := &running{watch: w, end: end}
	if o := m.options; o.Store != nil && o.Own != nil && o.Own(w.Target) {
		s.source = newLocal(w, o.Store, m.changed)
	} else {
		s.source = newRemote(w, o, m.changed, m.machine.PollFreq())
	}
	m.tasks.Go(func() { s.run(ctx) })
	return s
}

// step steps the Machine once, and sees to what it asks for.
func (m *Monitor) step() (exit bool) {
	now := time.Now()
	in := m.next
	m.next = Input{}
	in.Orphaned = m.gone != nil
	for _, w := range m.watches {
		in.Readings = append(in.Readings, m.sources[w.Name].reading(now))
	}
	actions := m.machine.Step(now, in)
	m.meet()
	for _, a := range actions {
		exit = m.do(a) || exit
	}
	m.settle()
	return exit
}

// do sees to one action.
func (m *Monitor) do(a Action) (exit bool) {
	log := m.options.Log
	switch a := a.(type) {
	case Notify:
		if a.Type == Shutdown {
			log.Warn("shutting down", "reason", a.Text)
		}
		m.options.Notifier.Notify(a)
	case LogPollFailure:
		log.Warn("poll failed", "ups", a.UPS, "reason", a.Reason, "failures", a.Count)
	case SetFSD:
		log.Warn("setting forced shutdown", "ups", a.UPS)
		m.sources[a.UPS].ask(wishFSD)
	case QueryLogins:
		m.sources[a.UPS].ask(wishLogins)
	case PowerOff:
		m.owed = true
	case Exit:
		return true
	}
	return false
}

// settle tells the others where the decision stands after a step.
func (m *Monitor) settle() {
	status := m.machine.Status()
	if *status != *m.status.Load() {
		m.status.Store(status)
	}
	period := m.machine.PollFreq()
	for _, s := range m.sources {
		if remote, ok := s.source.(*remote); ok {
			remote.every(period)
		}
	}
	m.tell(status)
}

// tell tells the Ender what it has to know. That all is fine is not said before
// it is known: the Ender may remember the contrary from a process before this.
func (m *Monitor) tell(s *Status) {
	e := m.options.Ender
	err := e.Alive()
	if err == nil && s.known && (m.told == nil || *m.told != s.Low) {
		if err = e.Low(s.Low); err == nil {
			m.told = &s.Low
		}
	}
	if m.owed {
		if err = e.Shutdown(); err == nil {
			m.owed = false
		}
	}
	if err != nil && m.gone == nil {
		m.options.Log.Error("the host cannot be ended", "error", err)
	}
	m.gone = err
}

func (m *Monitor) ask(w wish) {
	for _, s := range m.sources {
		s.ask(w)
	}
}
