package smart

import (
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/model"
)

// feignFor is how long a feigned power failure lasts.
const feignFor = 10 * time.Second

func (u *UPS) feigns() bool { return time.Since(u.feigned) < feignFor }

// orders are letters that do something. again tells that the letter came for
// the second time in a row, and not too soon.
var orders = map[byte]func(u *UPS, again bool) string{
	'@':    func(u *UPS, _ bool) string { u.digits = 3; return "" },
	'A':    func(*UPS, bool) string { return yes },
	'D':    func(u *UPS, _ bool) string { return u.obeys(toggleCalibration) },
	'S':    func(u *UPS, _ bool) string { return u.obeys(u.sleepOnBattery) },
	'W':    func(u *UPS, _ bool) string { return u.obeys(toggleTest) },
	'^':    func(u *UPS, _ bool) string { return u.bypass() },
	'U':    func(u *UPS, _ bool) string { u.feigned = time.Now(); return yes },
	'\x0e': second(func(u *UPS) string { return u.obeys((*model.UPS).SwitchOn) }),
	'K': second(func(u *UPS) string {
		return u.obeys(func(m *model.UPS) bool { m.SwitchOffSoon(false); return true })
	}),
	'Z': second(func(u *UPS) string {
		u.obeys(func(m *model.UPS) bool { m.SwitchOff(); return true })
		return ""
	}),
}

// second is an order that does nothing until it comes again.
func second(do func(*UPS) string) func(*UPS, bool) string {
	return func(u *UPS, again bool) string {
		if !again {
			return ""
		}
		return do(u)
	}
}

// obeys answers by whether the model could do it.
func (u *UPS) obeys(do func(*model.UPS) bool) string {
	var ok bool
	u.do(func(m *model.UPS) { ok = do(m) })
	if ok {
		return yes
	}
	return no
}

func toggleCalibration(m *model.UPS) bool {
	if m.Reading().State.Calibrating {
		return m.StopCalibration()
	}
	return m.Calibrate()
}

func toggleTest(m *model.UPS) bool {
	if m.Reading().State.Testing {
		return m.StopTest()
	}
	return m.Test(false)
}

// sleepOnBattery drops the load until the mains is back.
func (u *UPS) sleepOnBattery(m *model.UPS) bool {
	if u.status(m.Reading().State)&onBattery == 0 {
		return false
	}
	m.SwitchOffSoon(true)
	return true
}

// hibernate takes the digits after @. The delay they give is not simulated.
func (u *UPS) hibernate(b byte) string {
	if b < '0' || b > '9' {
		u.digits = 0
		return no
	}
	u.digits--
	if u.digits > 0 {
		return ""
	}
	return u.obeys(func(m *model.UPS) bool { m.SwitchOffSoon(true); return true })
}

func (u *UPS) bypass() string {
	says := "ERR"
	u.do(func(m *model.UPS) {
		on := m.Reading().State.Bypass
		switch {
		case m.Bypass(!on) && on:
			says = "INV"
		case m.Reading().State.Bypass:
			says = "BYP"
		}
	})
	return says + end
}
