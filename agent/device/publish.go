package device

import (
	"time"

	"github.com/wattnut/wattnut/nut"
)

// publish lays the overlay over the facts and makes them the latest snapshot.
func (r *Runner) publish(d *nut.Draft, health nut.Health) {
	facts := d.Clone()
	if health != nut.Absent {
		r.config.Overlay.apply(facts)
	}
	d.Settle()
	r.tell(facts.Freeze(r.ups.Name, health, time.Now()))
}

// wither marks the facts stale if they are.
func (r *Runner) wither() {
	s := r.ups.Snapshot()
	if s.Health == nut.Live && r.untilStale() <= 0 {
		r.log.Warn("data stale", "age", r.age())
		r.tell(s.With(nut.Stale, time.Now()))
	}
}

// untilStale is how long the facts are good if nothing more is heard.
func (r *Runner) untilStale() time.Duration {
	at, ok := r.ups.Contact()
	if !ok || r.ups.Snapshot().Health != nut.Live {
		return time.Hour // nothing can go stale: look again some time
	}
	return time.Until(at.Add(r.age()))
}

// tell makes s the latest snapshot, and lets those know who want to.
func (r *Runner) tell(s *nut.Snapshot) {
	events := r.ups.Publish(s)
	if r.config.Snapshots != nil {
		r.config.Snapshots(s)
	}
	r.note(events)
}

func (r *Runner) note(events []nut.Event) {
	for _, e := range events {
		if e.Type == "COMMBAD" {
			r.stats.lost.Add(1)
		}
		said := []any{"type", e.Type}
		if e.Text != "" {
			said = append(said, "text", e.Text)
		}
		r.log.Info("event", said...)
		if r.config.Events != nil {
			r.config.Events(e)
		}
	}
}
