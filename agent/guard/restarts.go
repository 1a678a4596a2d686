package guard

import (
	"cmp"
	"slices"
	"time"
)

// Restarts is how a guard bears with an agent that dies. Each zero field is the
// default told beside it.
type Restarts struct {
	Deaths   int           // 5: so many deaths
	Within   time.Duration // 1 minute: in so long a time are for good
	Delay    time.Duration // 500 ms: before the first restart; doubled with each death that follows
	MaxDelay time.Duration // 30 s: but no longer than this
}

// urgent is the longest delay before a restart while the battery is low.
const urgent = time.Second

func (r Restarts) withDefaults() Restarts {
	r.Deaths = cmp.Or(r.Deaths, 5)
	r.Within = cmp.Or(r.Within, time.Minute)
	r.Delay = cmp.Or(r.Delay, 500*time.Millisecond)
	r.MaxDelay = cmp.Or(r.MaxDelay, 30*time.Second)
	return r
}

// record is the agent's deaths so far. Its Restarts has no zero fields.
type record struct {
	Restarts
	recent []time.Time // within Within; at most Deaths of them
	next   time.Duration
}

// died notes a death after a life of lived. It returns how long to wait before
// the next life, and whether this death is one too many.
func (r *record) died(now time.Time, lived time.Duration) (delay time.Duration, forGood bool) {
	if lived >= r.Within || r.next == 0 {
		r.next = r.Delay
	}
	delay = min(r.next, r.MaxDelay)
	r.next = 2 * delay
	r.recent = slices.DeleteFunc(r.recent, func(t time.Time) bool { return now.Sub(t) >= r.Within })
	r.recent = append(r.recent, now)
	if extra := len(r.recent) - r.Deaths; extra > 0 {
		r.recent = slices.Delete(r.recent, 0, extra)
	}
	return delay, len(r.recent) == r.Deaths
}
