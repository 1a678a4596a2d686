package model

import (
	"math"
	"time"
)

// UPS is a UPS at work. Make one with [New]. It belongs to one goroutine.
type UPS struct {
	Spec
	Tuning

	now     time.Duration // since the start
	cell    cell
	heat    float64 // temperature of the battery
	wall    Wall
	off     bool
	bypass  bool
	returns bool // off until the mains is there
	drill   drill
	result  TestResult
	downIn  countdown // to switching off
	upIn    countdown // to switching on
	flow    flow
	total   Energy
}

// Wall says who has the switch of the mains.
type Wall uint8

const (
	Scheduled Wall = iota // Mains.Outage
	Plugged               // on, whatever the schedule says
	Unplugged             // off
)

// countdown counts time down. The zero countdown does not run.
type countdown struct {
	left    time.Duration
	running bool
}

func (c *countdown) start(after time.Duration) { *c = countdown{after, true} }

// pass lets time pass, and tells whether it came to an end.
func (c *countdown) pass(dt time.Duration) bool {
	if !c.running {
		return false
	}
	c.left -= dt
	if c.left > 0 {
		return false
	}
	*c = countdown{}
	return true
}

// flow is what flows now.
type flow struct {
	volts, hertz float64 // of the mains
	good         bool    // the mains can feed the load
	battery      bool    // the battery feeds it
	charging     bool
	load         float64 // W that the load takes
	drawn        float64 // W from the mains
	given        float64 // W out of the battery, less than 0 into it
}

// Energy is where energy went since the start. Mains is what Load, Loss and the
// change of what is stored add up to.
type Energy struct{ Mains, Load, Loss, Stored float64 }

// New makes a UPS that was just switched on.
func New(s Spec) *UPS {
	low, high := 0.8, 1.16
	if s.Online {
		low, high = 0.7, 1.2
	}
	u := &UPS{
		Spec: s,
		Tuning: Tuning{
			ChargeLow: 0.2, RuntimeLow: 2 * time.Minute,
			TransferLow: math.Round(s.Mains.Voltage * low), TransferHigh: math.Round(s.Mains.Voltage * high),
			Shutdown: 20 * time.Second, Start: 30 * time.Second, AutoStart: true,
		},
		cell: newCell(s.Battery), heat: s.Ambient,
	}
	u.tick(0)
	return u
}

// slice is the longest time that is taken as one.
const slice = time.Second

// Step lets time pass.
func (u *UPS) Step(dt time.Duration) {
	for dt > 0 {
		part := min(dt, slice-u.now%slice) // whole seconds stay the corners, however it is called
		u.tick(part)
		dt -= part
	}
}

func (u *UPS) tick(dt time.Duration) {
	u.now += dt
	u.feel()
	u.count(dt)
	u.practise(dt)
	u.route()
	u.move(dt)
	u.warm(dt)
}

// feel looks at the mains.
func (u *UPS) feel() {
	f := &u.flow
	switch u.wall {
	case Scheduled:
		f.volts, f.hertz = u.Mains.at(u.now)
	case Plugged:
		f.volts, f.hertz = u.Mains.present(u.now)
	case Unplugged:
		f.volts, f.hertz = 0, 0
	}
	f.good = f.volts >= u.TransferLow && f.volts <= u.TransferHigh
}

// count carries out what was ordered for now.
func (u *UPS) count(dt time.Duration) {
	if u.downIn.pass(dt) {
		u.off = true
	}
	if u.off && u.returns && u.flow.good && !u.upIn.running {
		u.upIn.start(u.Start)
		return
	}
	if u.upIn.pass(dt) {
		u.SwitchOn()
	}
}

// route decides what feeds the load.
func (u *UPS) route() {
	f := &u.flow
	f.battery = !u.off && (!f.good || u.drill.kind != none)
	f.load = 0
	if !u.off {
		f.load = u.RealPower * u.Load.at(u.Mains.Seed, u.now)
	}
	if f.battery && u.cell.energy <= 0 {
		u.starve()
	}
}

// starve drops the load because the battery is empty.
func (u *UPS) starve() {
	u.off, u.returns = true, u.AutoStart
	u.downIn = countdown{}
	u.flow.battery, u.flow.load = false, 0
}

// move moves the energy.
func (u *UPS) move(dt time.Duration) {
	f := &u.flow
	f.drawn, f.given, f.charging = 0, 0, false
	var mains, stored float64
	switch {
	case f.battery:
		f.given = u.burden()
		given, gone := u.cell.drain(f.given, dt)
		stored = -gone
		f.load *= share(given, f.given*dt.Hours())
	case f.good:
		f.drawn = u.feed()
		mains = f.drawn * dt.Hours()
		if power := u.cell.appetite(); power > 0 {
			drawn, kept := u.cell.fill(power, dt)
			f.charging = true
			f.drawn += power
			f.given = -power * chargeEfficiency
			mains += drawn
			stored = kept
		}
	}
	load := f.load * dt.Hours()
	u.total.Mains += mains
	u.total.Load += load
	u.total.Stored += stored
	u.total.Loss += mains - load - stored
}

// share is the part of what was asked that was given.
func share(given, asked float64) float64 {
	if asked <= 0 {
		return 1
	}
	return min(1, given/asked)
}

// burden is what the battery has to give for the load.
func (u *UPS) burden() float64 {
	return u.flow.load/inverterEfficiency + ownPower*u.RealPower
}

// feed is what the mains has to give for the load.
func (u *UPS) feed() float64 {
	efficiency := lineEfficiency
	if u.Online && !u.bypass {
		efficiency = doubleEfficiency
	}
	return u.flow.load/efficiency + ownPower*u.RealPower
}

// warm brings the temperature nearer to where it tends.
func (u *UPS) warm(dt time.Duration) {
	const rise, inertia = 14, 20 * time.Minute
	aim := u.Ambient + 2
	if u.flow.given > 0 {
		aim += rise * u.flow.given / u.RealPower
	}
	u.heat += (aim - u.heat) * min(1, float64(dt)/float64(inertia))
}

// at is the load at a time, as a part of what the UPS can carry.
func (l Load) at(seed uint64, t time.Duration) float64 {
	return l.Level * (1 + l.Swing*wander(seed+2, 45*time.Second, t))
}
