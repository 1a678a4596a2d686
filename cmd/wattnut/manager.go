package main

import (
	"context"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

// report tells the service manager that the agent is well, until ctx ends: so
// often as that asks, and only while this host's shutdown is being decided on, and
// the drivers can be counted. What is stuck there is not waited for in vain: the
// manager hears no more, and starts the agent anew.
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
		s.agent.DeviceStats() // where a lock is held for ever, so does this
		if s.watch != nil {
			s.watch.monitor.Decides(ctx)
		}
		if ctx.Err() != nil {
			return nil
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
