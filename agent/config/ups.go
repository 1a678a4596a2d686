package config

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/wattnut/wattnut/drivers"
)

// UPS is one section of ups.conf, or one WATTNUT_UPS_ variable.
type UPS struct {
	Name   string
	Driver string // NUT's name of it
	Port   string
	Desc   string // "" if none is given
	Common
	Default  map[string]string // default.*: values until the device gives its own
	Override map[string]string // override.*: values that cannot change

	// Settings are all settings of the section in their order, driver and
	// port among them. Of several of one name the last counts.
	Settings []Setting
	File     string // "ups.conf", or the name of the variable
	Line     int    // where the section begins
	// Broken is set where ups.conf is wrong about this UPS, as the Report
	// says. It is known by name, and must not be started.
	Broken bool
}

// Common are the settings that all drivers share. What a section does not say,
// the lines before all sections do, and else NUT's default.
type Common struct {
	PollInterval   time.Duration // pollinterval: 2 s
	MaxStartDelay  time.Duration // maxstartdelay: 75 s
	MaxRetry       int           // maxretry: 1
	RetryDelay     time.Duration // retrydelay: 5 s
	NoWait         bool          // nowait
	Synchronous    string        // synchronous: "yes", "no" or "auto", which is the default
	SDOrder        int           // sdorder: 0; -1 is never
	SDCommands     string        // sdcommands: apart by commas; "" is the driver's own list
	AllowKillPower bool          // allow_killpower
	NoLock         bool          // nolock
	IgnoreLB       bool          // ignorelb
	User, Group    string        // user, group
	DebugMin       int           // debug_min: 0
	LibUSBDebug    int           // LIBUSB_DEBUG: 0
	ReconnectTries int           // reconnect_max_tries: -1, which is without end
	ReconnectLog   int           // reconnect_report_freq: -1
}

func defaults() Common {
	return Common{
		PollInterval: 2 * time.Second, MaxStartDelay: 75 * time.Second, MaxRetry: 1, RetryDelay: 5 * time.Second,
		Synchronous: "auto", ReconnectTries: -1, ReconnectLog: -1,
	}
}

// Setting is a setting and where it stands. Its value may be a password.
type Setting struct {
	drivers.Setting
	Line int
}

// Equal tells whether nothing is to be done to get from u to v but to note
// where it stands.
func (u UPS) Equal(v UPS) bool {
	return u.Name == v.Name && u.Driver == v.Driver && u.Port == v.Port && u.Desc == v.Desc &&
		u.Common == v.Common && u.Broken == v.Broken &&
		maps.Equal(u.Default, v.Default) && maps.Equal(u.Override, v.Override) &&
		slices.EqualFunc(u.Settings, v.Settings, func(a, b Setting) bool { return a.Setting == b.Setting })
}

// String names the UPS and its driver, and none of its settings, which may be
// passwords.
func (u UPS) String() string { return fmt.Sprintf("%s (%s)", u.Name, u.Driver) }

// GoString is String.
func (u UPS) GoString() string { return u.String() }

// LogValue is String.
func (u UPS) LogValue() slog.Value { return slog.StringValue(u.String()) }

// String is the name.
func (s Setting) String() string { return s.Name }

// GoString is the name.
func (s Setting) GoString() string { return s.Name }
