package monitor

import "time"

// tolerance is how late a step may come, and how far a clock may be set, before
// it counts as a jump. With NUT's defaults a process that stood still for less
// cannot take a UPS for dead: a poll period and this are under DEADTIME.
const tolerance = 5 * time.Second

// forever is longer than any wait.
const forever = 1000 * time.Hour

// instant is a moment on a Machine's own clock: the time that was watched since
// its first step.
type instant = time.Duration

// clock is the Machine's own time. It never goes back, and of a jump it counts
// no more than the wait that had been planned, so that time which nobody
// watched (sleep, a stopped process, a clock being set) is held against no UPS.
// Yet it goes on with every step after a wait, however late each of them comes.
type clock struct {
	started bool
	outer   time.Time // of the last step
	now     instant
	passed  time.Duration // counted by the last step
	next    instant       // when the next step is due
}

// advance moves the clock to the outer time, and returns by how much that
// jumped; 0 if it did not. Times with a monotonic reading show too what a set
// clock or a sleep did to the wall clock beside it.
func (c *clock) advance(outer time.Time) (jump time.Duration) {
	last := c.outer
	c.outer = outer
	if !c.started {
		c.started, c.next = true, forever
		return 0
	}
	gone := outer.Sub(last)
	return c.pass(gone, outer.Round(0).Sub(last.Round(0))-gone)
}

// pass lets some time go by, in which the wall clock was set by skew.
func (c *clock) pass(gone, skew time.Duration) (jump time.Duration) {
	planned := c.next - c.now
	switch {
	case gone < -tolerance, gone > planned+tolerance:
		jump = gone
	case skew.Abs() > tolerance:
		jump = skew
	}
	if jump != 0 {
		gone = min(gone, planned)
	}
	c.passed = max(gone, 0)
	c.now += c.passed
	c.next = c.now + forever
	return jump
}

// due plans the next step for at, unless one is planned before or at has gone by.
func (c *clock) due(at instant) {
	if at > c.now {
		c.next = min(c.next, at)
	}
}

// reached tells whether limit has passed since a moment, and if not plans a
// step for when it will have.
func (c *clock) reached(since instant, limit time.Duration) bool {
	c.due(since + limit)
	return c.now-since >= limit
}

// exceeded tells whether more than limit has passed; see reached.
func (c *clock) exceeded(since instant, limit time.Duration) bool {
	c.due(since + limit + 1)
	return c.now-since > limit
}

// within converts an outer time within the last step to the Machine's own clock;
// one that cannot be within it becomes its nearer end.
func (c *clock) within(outer time.Time) instant {
	ago := min(max(c.outer.Sub(outer), 0), c.passed)
	return c.now - ago
}

// span is something that holds for some time. The zero span does not hold.
type span struct {
	on    bool
	since instant
}

// hold notes whether it holds now.
func (s *span) hold(on bool, now instant) {
	if on && !s.on {
		s.since = now
	}
	s.on = on
}
