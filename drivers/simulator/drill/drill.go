// Package drill is a simulated UPS that goes by the clock and takes orders in
// words while it runs: "mains off", "load 80", "go silent". The faces of the
// simulator show it in the protocols of real devices.
package drill

import (
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// mostAtOnce is the longest time that is simulated at once: after a sleep of the
// machine the UPS goes on from there.
const mostAtOnce = 24 * time.Hour

// UPS is a UPS at work. Its methods may be called from any goroutine.
type UPS struct {
	mu     sync.Mutex
	ups    *model.UPS
	speed  float64
	last   time.Time // when the model was last brought up to date
	silent bool
}

// New sets a UPS going, with so many seconds of its own in one second.
func New(ups *model.UPS, speed float64) *UPS {
	return &UPS{ups: ups, speed: speed, last: time.Now()}
}

// With brings the UPS up to the present and lends it to f, which has it alone
// and must not wait for anything.
func (u *UPS) With(f func(*model.UPS)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	passed := time.Duration(float64(now.Sub(u.last)) * u.speed)
	u.ups.Step(max(0, min(passed, mostAtOnce)))
	u.last = now
	f(u.ups)
}

// Silent tells whether the UPS is to answer nobody.
func (u *UPS) Silent() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.silent
}

func (u *UPS) hush(silent bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.silent = silent
}
