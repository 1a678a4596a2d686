package main

import (
	"context"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

// report tells the service manager that the agent is well, until ctx ends: so
// often as that asks, and only while what each answer is made of can be reached.
func (s *station) report(ctx context.Context, m daemon.Manager) error {
	s.told(m, daemon.Ready)
	defer s.told(m, daemon.Stopping)
	if m.Every == 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(m.Every / 3)
	defer tick.Stop()
	for {
		for _, u := range s.agent.Store().All() {
			u.Snapshot() // where a lock is held for ever, so does this
		}
		s.told(m, daemon.Well)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *station) told(m daemon.Manager, state string) {
	if err := m.Tell(state); err != nil {
		s.log.Warn("the service manager does not hear", "state", state, "error", err)
	}
}
