package device

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

// What a client sees of a lost contact, and what the driver does about it, are
// counted apart: facts stay fresh over a short loss, and a device that is away for
// long is lost once.
func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{})
		counts := func() [2]uint64 { return [2]uint64{r.Stats().Lost, r.Stats().Reconnects} }
		steps := []struct {
			how        how
			after      time.Duration
			lost, anew uint64
		}{
			{how{status: "OL"}, time.Minute, 0, 0},
			{how{err: errors.New("one lost packet")}, 3 * time.Second, 0, 0},
			{how{status: "OL"}, time.Minute, 0, 1},
			{how{err: errors.New("away")}, time.Hour, 1, 1},
			{how{status: "OL"}, time.Minute, 1, 2},
			{how{err: drivers.ErrStale}, time.Minute, 2, 2},
			{how{status: "OL"}, time.Minute, 2, 2},
		}
		for i, step := range steps {
			s.be(step.how)
			wait(step.after)
			if got := counts(); got != [2]uint64{step.lost, step.anew} {
				t.Errorf("step %d: lost and anew are %v, want %d and %d", i, got, step.lost, step.anew)
			}
		}
	})
}

func TestPollsAreTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		s := &script{how: how{status: "OL"}}
		r := run(t, s, Config{Timeout: time.Minute})
		wait(9 * time.Second) // five polls, at once
		s.be(how{status: "OL", hang: hang})
		wait(6 * time.Second) // one of five seconds
		s.be(how{status: "OL"})
		close(hang)
		synctest.Wait()
		got, want := r.Stats(), make([]uint64, len(PollBounds())+1)
		want[0], want[slices.Index(PollBounds(), 8100*time.Millisecond)] = 5, 1
		if !slices.Equal(got.Polls, want) || got.PollTime != 5*time.Second {
			t.Errorf("got %v of %v", got.Polls, got.PollTime)
		}
		never := make(chan struct{})
		s.be(how{hang: never})
		wait(3 * time.Minute) // given up after two
		want[len(want)-1] = 1
		if got := r.Stats(); !slices.Equal(got.Polls, want) || got.PollTime != 125*time.Second {
			t.Errorf("got %v of %v", got.Polls, got.PollTime)
		}
		s.be(how{status: "OL"})
		close(never)
	})
}

// A time that is a bound is in the class below it.
func TestPollClasses(t *testing.T) {
	var c counters
	for i, b := range PollBounds() {
		c.polled(b)
		if n := c.polls[i].Load(); n != 1 {
			t.Errorf("%v is counted %d times in its class", b, n)
		}
		if b%time.Second == 0 {
			t.Errorf("%v is a whole number of seconds", b)
		}
	}
	if c.polled(time.Hour); c.polls[len(pollBounds)].Load() != 1 {
		t.Error("an hour is not above all bounds")
	}
}
