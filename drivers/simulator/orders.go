package simulator

import (
	"context"
	"fmt"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/nut"
)

// What ups.beeper.status may say.
const (
	beeperEnabled  = "enabled"
	beeperDisabled = "disabled"
	beeperMuted    = "muted"
)

// order is an instant command. do tells whether it could be obeyed.
type order struct {
	name   nut.Name
	online bool // only with double conversion
	do     func(*device) bool
}

var orders = []order{
	{"beeper.disable", false, beep(beeperDisabled)},
	{"beeper.enable", false, beep(beeperEnabled)},
	{"beeper.mute", false, beep(beeperMuted)},
	{"bypass.start", true, func(u *device) bool { return u.ups.Bypass(true) }},
	{"bypass.stop", true, func(u *device) bool { return u.ups.Bypass(false) }},
	{"calibrate.start", false, func(u *device) bool { return u.ups.Calibrate() }},
	{"calibrate.stop", false, func(u *device) bool { return u.ups.StopCalibration() }},
	{"load.off", false, always((*model.UPS).SwitchOff)},
	{"load.off.delay", false, always(func(m *model.UPS) { m.SwitchOffSoon(false) })},
	{"load.on", false, func(u *device) bool { return u.ups.SwitchOn() }},
	{"load.on.delay", false, always((*model.UPS).SwitchOnSoon)},
	{"shutdown.return", false, always(func(m *model.UPS) { m.SwitchOffSoon(true) })},
	{"shutdown.stayoff", false, always(func(m *model.UPS) { m.SwitchOffSoon(false) })},
	{"shutdown.stop", false, func(u *device) bool { return u.ups.StopShutdown() }},
	{"test.battery.start", false, func(u *device) bool { return u.ups.Test(false) }},
	{"test.battery.start.deep", false, func(u *device) bool { return u.ups.Test(true) }},
	{"test.battery.start.quick", false, func(u *device) bool { return u.ups.Test(false) }},
	{"test.battery.stop", false, func(u *device) bool { return u.ups.StopTest() }},
	// What no UPS takes: who has the switch of the mains.
	{"simulator.mains.off", false, always(func(m *model.UPS) { m.Wire(model.Unplugged) })},
	{"simulator.mains.on", false, always(func(m *model.UPS) { m.Wire(model.Plugged) })},
	{"simulator.mains.schedule", false, always(func(m *model.UPS) { m.Wire(model.Scheduled) })},
}

func beep(state string) func(*device) bool {
	return func(u *device) bool {
		u.beeper = state
		return true
	}
}

func always(do func(*model.UPS)) func(*device) bool {
	return func(u *device) bool {
		do(u.ups)
		return true
	}
}

// Command obeys an instant command; none takes a parameter.
func (u *device) Command(_ context.Context, cmd nut.Name, arg string) error {
	for _, o := range orders {
		switch {
		case !o.name.Equal(cmd) || o.online && u.config.Topology != online:
			continue
		case arg != "":
			return fmt.Errorf("%s takes no parameter: %w", cmd, nut.ErrInvalidArgument)
		case !o.do(u):
			return fmt.Errorf("%s: not in this state: %w", cmd, nut.ErrFailed)
		}
		return nil
	}
	return fmt.Errorf("%s: %w", cmd, nut.ErrUnknown)
}
