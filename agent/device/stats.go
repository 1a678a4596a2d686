package device

import (
	"slices"
	"sync/atomic"
	"time"
)

// PollBounds are the upper bounds of the classes of [Stats.Polls], from a device
// that pushes what it has to about the longest that one call may take. None is a
// whole number of seconds: Prometheus writes the label of such a bound as 1.0
// where it scrapes and as 1 where it is pushed to, which would be two series.
func PollBounds() []time.Duration { return slices.Clone(pollBounds[:]) }

var pollBounds = [...]time.Duration{
	time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond,
	100 * time.Millisecond, 300 * time.Millisecond, 900 * time.Millisecond,
	2700 * time.Millisecond, 8100 * time.Millisecond, 24300 * time.Millisecond,
}

// Stats counts what a Runner went through since it was made.
type Stats struct {
	Polls      []uint64      // times the device was asked what is new, by how long that took; the last class is above all bounds
	PollTime   time.Duration // what all these took
	Lost       uint64        // times that facts ceased to be fresh (COMMBAD)
	Reconnects uint64        // contacts that came about after the first
}

// counters are the Stats as they are counted.
type counters struct {
	polls     [len(pollBounds) + 1]atomic.Uint64
	pollTime  atomic.Int64 // a time.Duration
	lost, met atomic.Uint64
}

// polled counts one read of the device.
func (c *counters) polled(took time.Duration) {
	class, _ := slices.BinarySearch(pollBounds[:], took)
	c.polls[class].Add(1)
	c.pollTime.Add(int64(took))
}

// Stats returns the counts. It may be called from any goroutine.
func (r *Runner) Stats() Stats {
	s := Stats{Polls: make([]uint64, len(r.stats.polls)), PollTime: time.Duration(r.stats.pollTime.Load()), Lost: r.stats.lost.Load()}
	for i := range r.stats.polls {
		s.Polls[i] = r.stats.polls[i].Load()
	}
	if met := r.stats.met.Load(); met > 0 {
		s.Reconnects = met - 1
	}
	return s
}
