package megatec

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/megatec/dialect"
)

// common is what all drivers of the family are told.
type common struct {
	Port     string `conf:"port,required" help:"the serial port; auto for USB"`
	Protocol string `conf:"protocol" help:"the protocol to speak, rather than to find out; or a table that ends in .yaml, of the configuration folder"`

	OnDelay    string        `conf:"ondelay" help:"seconds after a shutdown until it may start again, in whole minutes (180 with most protocols)"`
	OffDelay   string        `conf:"offdelay" help:"seconds from the command to the shutdown (30 with most protocols)"`
	RuntimeCal string        `conf:"runtimecal" help:"for devices that do not tell their runtime: seconds at a high load, that load, seconds at a low load, that load"`
	ChargeTime time.Duration `conf:"chargetime" help:"seconds that an empty battery takes to be full, for runtimecal"`
	IdleLoad   float64       `conf:"idleload" help:"the load, in percent, that counts where there is less, for runtimecal"`

	NoRating bool `conf:"norating" help:"do not ask for the ratings"`
	NoVendor bool `conf:"novendor" help:"do not ask for the maker and the model"`

	// What the estimates of charge and runtime start from. The agent lays
	// these over the facts as well.
	DefaultLow      string `conf:"default.battery.voltage.low" help:"volts of an empty battery, where the device does not say"`
	DefaultHigh     string `conf:"default.battery.voltage.high" help:"volts of a full battery, where the device does not say"`
	DefaultNominal  string `conf:"default.battery.voltage.nominal" help:"nominal volts of the battery, where the device does not say"`
	DefaultPacks    string `conf:"default.battery.packs" help:"by how much the battery is more than its reading, where the device does not say"`
	OverrideLow     string `conf:"override.battery.voltage.low" help:"volts of an empty battery, whatever the device says"`
	OverrideHigh    string `conf:"override.battery.voltage.high" help:"volts of a full battery, whatever the device says"`
	OverrideNominal string `conf:"override.battery.voltage.nominal" help:"nominal volts of the battery, whatever the device says"`
	OverridePacks   string `conf:"override.battery.packs" help:"by how much the battery is more than its reading, whatever the device says"`

	battery dialect.Battery
	search  *dialect.Search // of this section, over all its contacts
}

// usual is what is not said.
func usual() common { return common{ChargeTime: 12 * time.Hour, IdleLoad: 10} }

// check tells what makes no sense, and works out the rest.
func (c *common) check(among []string) error {
	errs := []error{c.checkProtocol(among)}
	wrong := func(name, reason string) {
		errs = append(errs, &drivers.SettingError{Name: name, Reason: reason})
	}
	for name, value := range c.numbers() {
		if n, err := strconv.ParseFloat(value, 64); value != "" && (err != nil || !(n >= 0 && n < 1e7)) {
			wrong(name, strconv.Quote(value)+" is not a number that can be right")
		}
	}
	if c.ChargeTime <= 0 {
		wrong("chargetime", "has to be more than 0")
	}
	if !(0 < c.IdleLoad && c.IdleLoad <= 100) {
		wrong("idleload", "is not a percentage")
	}
	c.battery = dialect.Battery{ChargeTime: c.ChargeTime, IdleLoad: c.IdleLoad / 100}
	if c.RuntimeCal != "" {
		var err error
		if c.battery.Runtime, err = dialect.ParseRuntimeCal(c.RuntimeCal); err != nil {
			wrong("runtimecal", err.Error())
		}
	}
	c.search = new(dialect.Search)
	return errors.Join(errs...)
}

func (c *common) checkProtocol(among []string) error {
	if c.Protocol == "" || strings.HasSuffix(c.Protocol, ".yaml") || slices.Contains(among, dialect.Canonical(c.Protocol)) {
		return nil
	}
	return &drivers.SettingError{Name: "protocol", Reason: c.Protocol + " is none of " + strings.Join(among, ", ")}
}

// numbers are the settings that have to be numbers, by their names.
func (c *common) numbers() map[string]string {
	return map[string]string{
		"ondelay": c.OnDelay, "offdelay": c.OffDelay,
		"default.battery.voltage.low": c.DefaultLow, "default.battery.voltage.high": c.DefaultHigh,
		"default.battery.voltage.nominal": c.DefaultNominal, "default.battery.packs": c.DefaultPacks,
		"override.battery.voltage.low": c.OverrideLow, "override.battery.voltage.high": c.OverrideHigh,
		"override.battery.voltage.nominal": c.OverrideNominal, "override.battery.packs": c.OverridePacks,
	}
}

// options is what the dialects want to know.
func (c *common) options(env drivers.Env) dialect.Options {
	o := dialect.Options{
		Protocol: c.Protocol, Dir: env.ConfDir, Log: cmp.Or(env.Log, slog.New(slog.DiscardHandler)), Battery: c.battery,
		Flags:  map[string]bool{"norating": c.NoRating, "novendor": c.NoVendor},
		Delays: make(map[string]string), Values: make(map[string]string), Given: make(map[string]string),
	}
	for name, value := range map[string]string{"ups.delay.start": c.OnDelay, "ups.delay.shutdown": c.OffDelay} {
		if value != "" {
			o.Delays[name] = value
		}
	}
	for name, value := range map[string]string{
		"battery.voltage.low":     cmp.Or(c.OverrideLow, c.DefaultLow),
		"battery.voltage.high":    cmp.Or(c.OverrideHigh, c.DefaultHigh),
		"battery.voltage.nominal": cmp.Or(c.OverrideNominal, c.DefaultNominal),
		"battery.packs":           cmp.Or(c.OverridePacks, c.DefaultPacks),
	} {
		if value != "" {
			o.Given[name] = value
		}
	}
	return o
}
