// Package live is a simulated UPS in real time, for several who look at it: its
// faces, and those who play with its mains.
package live

import (
	"sync"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// mostAtOnce is the longest time that passes at one look, so that the sleep of a
// machine is no year of the model.
const mostAtOnce = 24 * time.Hour

// UPS is a model whose time passes as that of the world does. Make one with New.
type UPS struct {
	mu    sync.Mutex
	ups   *model.UPS
	speed float64
	last  time.Time
}

// New lets the time of a model pass, speed times as fast as that of the world.
// The model is the UPS' alone from here on.
func New(ups *model.UPS, speed float64) *UPS {
	return &UPS{ups: ups, speed: speed, last: time.Now()}
}

// Do calls f with the model as it is now. It may be called from any goroutine; f
// must not keep the model, nor call Do.
func (u *UPS) Do(f func(*model.UPS)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now()
	u.ups.Step(min(time.Duration(float64(now.Sub(u.last))*u.speed), mostAtOnce))
	u.last = now
	f(u.ups)
}
