package model

import "time"

// Wire says who has the switch of the mains from now on.
func (u *UPS) Wire(w Wall) { u.wall = w }

// SwitchOff drops the load at once, for good.
func (u *UPS) SwitchOff() { u.off, u.returns, u.downIn, u.upIn = true, false, countdown{}, countdown{} }

// SwitchOn feeds the load, if there is anything to feed it from. It tells
// whether there was.
func (u *UPS) SwitchOn() bool {
	if !u.flow.good && u.cell.energy <= 0 {
		return false
	}
	u.off, u.returns, u.upIn = false, false, countdown{}
	return true
}

// SwitchOffSoon drops the load after Tuning.Shutdown. Where returns, the UPS
// starts again Tuning.Start after that, or after the return of the mains.
func (u *UPS) SwitchOffSoon(returns bool) {
	u.downIn.start(u.Shutdown)
	u.returns = returns
}

// SwitchOnSoon feeds the load after Tuning.Start.
func (u *UPS) SwitchOnSoon() { u.upIn.start(u.Start) }

// StopShutdown takes back what SwitchOffSoon ordered, and tells whether there
// was anything to take back.
func (u *UPS) StopShutdown() bool {
	was := u.downIn.running
	if was {
		u.downIn, u.returns = countdown{}, false
	}
	return was
}

// Bypass leads the load past the inverter of a UPS with double conversion, or
// back. It tells whether it can.
func (u *UPS) Bypass(on bool) bool {
	if !u.Online || u.bypass == on {
		return false
	}
	u.bypass = on
	return true
}

// remains is the time of a countdown, or less than 0 where none runs.
func (c countdown) remains() time.Duration {
	if !c.running {
		return -time.Second
	}
	return c.left
}

// Refit puts another battery in: of the same kind, with so much of its
// capacity left (more than 0, 1 is new) and so much charge (0 to 1). What that
// brings or takes is in no account of energy.
func (u *UPS) Refit(health, charge float64) {
	u.cell.Health = health
	u.cell.energy = charge * u.cell.room()
}
