package megatec

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
	"github.com/wattnut/wattnut/drivers/transport/usbdev"
)

// qxConfig is what ups.conf says to nutdrv_qx.
type qxConfig struct {
	common
	usbLine
	CablePower string        `conf:"cablepower" help:"which lines of the serial port feed the cable: normal (DTR), reverse (RTS), both, none"`
	PollFreq   time.Duration `conf:"pollfreq" help:"seconds between two polls of everything; between them only the state is asked for"`

	StayOff    bool `conf:"stayoff" help:"do not start again after a forced shutdown"`
	IgnoreSAB  bool `conf:"ignoresab" help:"do not believe the bit that tells of a shutdown"`
	NoOutStats bool `conf:"nooutstats" help:"do not ask for the power of each phase"`
	OnePack    bool `conf:"battery_voltage_reports_one_pack" help:"the voltage of the battery is that of one of its battery.packs packs"`

	Series   string `conf:"series" help:"series of a Masterguard, A or E; another is not taken"`
	Address  string `conf:"slave_address" help:"number of a Masterguard; another is not taken"`
	Pins     string `conf:"pins_shutdown_mode" help:"what pins 1 and 7 of a Best UPS do, 0 to 6"`
	Defaults bool   `conf:"reset_to_default" help:"bring a Voltronic that is off back to what it was delivered with"`

	BypassAlarm   string `conf:"bypass_alarm" help:"beep on bypass: enabled or disabled"`
	BatteryAlarm  string `conf:"battery_alarm" help:"beep on battery: enabled or disabled"`
	BypassOff     string `conf:"bypass_when_off" help:"bypass while it is off: enabled or disabled"`
	AlarmControl  string `conf:"alarm_control" help:"control of the beeper: enabled or disabled"`
	Converter     string `conf:"converter_mode" help:"frequency converter: enabled or disabled"`
	Eco           string `conf:"eco_mode" help:"economy mode: enabled or disabled"`
	OpenBattery   string `conf:"battery_open_status_check" help:"look for a battery that is not connected: enabled or disabled"`
	NoBypass      string `conf:"bypass_forbidding" help:"no bypass at all: enabled or disabled"`
	SiteFault     string `conf:"site_fault_detection" help:"look for wrong wiring: enabled or disabled"`
	AdvancedEco   string `conf:"advanced_eco_mode" help:"advanced economy mode: enabled or disabled"`
	ConstantPhase string `conf:"constant_phase_angle" help:"keep the phase angles of input and output apart: enabled or disabled"`
	LimitedTime   string `conf:"limited_runtime_on_battery" help:"limit the time on battery: enabled or disabled"`

	MaxBypassVolt  string `conf:"max_bypass_volt" help:"highest voltage for bypass"`
	MinBypassVolt  string `conf:"min_bypass_volt" help:"lowest voltage for bypass"`
	MaxBypassFreq  string `conf:"max_bypass_freq" help:"highest frequency for bypass"`
	MinBypassFreq  string `conf:"min_bypass_freq" help:"lowest frequency for bypass"`
	WorkRange      string `conf:"work_range_type" help:"what mains a P31 bears: Appliance or UPS"`
	PhaseAngle     string `conf:"output_phase_angle" help:"phase angle of the output: 000, 120, 180 or 240"`
	BatteryNumbers string `conf:"battery_number" help:"how many batteries make a pack, 1 to 9"`
}

// QX is nutdrv_qx.
var QX = scans(drivers.Define("nutdrv_qx", "1.0", "UPSes of the Megatec and Voltronic families, on a serial line or USB",
	qxConfig{common: usual(), CablePower: "normal", PollFreq: 30 * time.Second}, openQX(new(usbdev.Owners))))

// Check is called by Bind.
func (c *qxConfig) Check() error {
	return errors.Join(c.common.check(dialect.Names()), c.usbLine.check(), checkCable(c.CablePower))
}

func checkCable(power string) error {
	if _, ok := cablePowers[power]; !ok {
		return &drivers.SettingError{Name: "cablepower", Reason: power + " is none of normal, reverse, both, none"}
	}
	return nil
}

func openQX(owners *usbdev.Owners) func(context.Context, drivers.Env, qxConfig) (drivers.Device, error) {
	return func(ctx context.Context, env drivers.Env, c qxConfig) (drivers.Device, error) {
		if c.Port == "auto" || c.given() {
			c.owners = owners
			return result(c.meetUSB(ctx, openUSB, env.UPS, c.search, c.options(env)))
		}
		l, err := openLine(ctx, c.Port, c.CablePower)
		if err != nil {
			return nil, err
		}
		return result(meet(ctx, l, c.search, c.options(env), nil))
	}
}

// options is what the dialects want to know.
func (c *qxConfig) options(env drivers.Env) dialect.Options {
	o := c.common.options(env)
	o.PollFreq = c.PollFreq
	maps.Copy(o.Flags, map[string]bool{
		"stayoff": c.StayOff, "ignoresab": c.IgnoreSAB, "nooutstats": c.NoOutStats,
		"battery_voltage_reports_one_pack": c.OnePack, "reset_to_default": c.Defaults,
	})
	for name, value := range map[string]string{
		"series": c.Series, "slave_address": c.Address, "pins_shutdown_mode": c.Pins,
		"bypass_alarm": c.BypassAlarm, "battery_alarm": c.BatteryAlarm, "bypass_when_off": c.BypassOff,
		"alarm_control": c.AlarmControl, "converter_mode": c.Converter, "eco_mode": c.Eco,
		"battery_open_status_check": c.OpenBattery, "bypass_forbidding": c.NoBypass, "site_fault_detection": c.SiteFault,
		"advanced_eco_mode": c.AdvancedEco, "constant_phase_angle": c.ConstantPhase, "limited_runtime_on_battery": c.LimitedTime,
		"max_bypass_volt": c.MaxBypassVolt, "min_bypass_volt": c.MinBypassVolt,
		"max_bypass_freq": c.MaxBypassFreq, "min_bypass_freq": c.MinBypassFreq,
		"work_range_type": c.WorkRange, "output_phase_angle": c.PhaseAngle, "battery_number": c.BatteryNumbers,
	} {
		if value != "" {
			o.Values[name] = value
		}
	}
	return o
}
