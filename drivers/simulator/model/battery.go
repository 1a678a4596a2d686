package model

import "time"

// cell is a Battery with energy in it.
type cell struct {
	Battery
	energy float64 // Wh
}

func newCell(b Battery) cell {
	return cell{b, b.Charge * b.Capacity * b.Health}
}

// room is how much energy it can hold now.
func (c *cell) room() float64 { return c.Capacity * c.Health }

// charge is the part of the room that is filled.
func (c *cell) charge() float64 { return c.energy / c.room() }

// taperFrom is the charge from which a charger gives less and less, and
// taperTo the part of its power that it gives to the end.
const (
	taperFrom = 0.9
	taperTo   = 0.05
)

// appetite is the power that it takes from the mains while it is charged.
func (c *cell) appetite() float64 {
	charge := c.charge()
	switch {
	case charge >= 1:
		return 0
	case charge > taperFrom:
		return c.Charger * max(taperTo, (1-charge)/(1-taperFrom))
	}
	return c.Charger
}

// fill charges with a power from the mains, and returns the energy that came
// from the mains and the part of it that was stored.
func (c *cell) fill(power float64, dt time.Duration) (drawn, stored float64) {
	drawn = power * dt.Hours()
	stored = min(drawn*chargeEfficiency, max(0, c.room()-c.energy))
	c.energy += stored
	return stored / chargeEfficiency, stored
}

// drain takes a power out, and returns the energy that came out and the energy
// that is gone for it. It gives less than asked when it runs empty. Wear takes
// its part of the room, and of the energy in it.
func (c *cell) drain(power float64, dt time.Duration) (given, gone float64) {
	gone = min(power*dt.Hours()/cellEfficiency, c.energy)
	given = gone * cellEfficiency
	c.energy -= gone
	if c.Cycles > 0 {
		charge := c.charge()
		c.Health = max(0.05, c.Health-0.4*gone/(c.Cycles*c.Capacity))
		left := charge * c.room()
		gone += c.energy - left
		c.energy = left
	}
	return given, gone
}

// lasts is how long it can give a power.
func (c *cell) lasts(power float64) time.Duration {
	const most = 99 * time.Hour
	if power <= 0 {
		return most
	}
	hours := c.energy * cellEfficiency / power
	return min(most, time.Duration(min(hours, most.Hours())*float64(time.Hour)))
}

// volts is the voltage at its terminals, for a lead battery: it falls with the
// charge, more steeply at the end, and under load; while charging it is higher.
// strain is the power taken, as a part of what the UPS can carry.
func (c *cell) volts(charging bool, strain float64) float64 {
	charge := c.charge()
	if charging {
		return c.Voltage * (1.06 + 0.0775*charge)
	}
	level := 0.96 + 0.11*charge - 0.05*strain
	if charge < 0.1 {
		level -= 0.6 * (0.1 - charge)
	}
	return c.Voltage * level
}
