// Package drill gives a simulated UPS orders in words while it runs: "mains off",
// "load 80", "go silent".
package drill

import (
	"sync/atomic"

	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// UPS is a UPS in real time that takes orders. Make one with New. Its methods
// may be called from any goroutine.
type UPS struct {
	*live.UPS

	silent atomic.Bool
}

// New sets a model going as live.New does.
func New(ups *model.UPS, speed float64) *UPS { return &UPS{UPS: live.New(ups, speed)} }

// Silent tells whether the UPS is to answer nobody. Its faces heed it.
func (u *UPS) Silent() bool { return u.silent.Load() }
