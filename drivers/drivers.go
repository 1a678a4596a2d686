// Package drivers is the contract between the agent and what speaks to a
// device. A family of devices is one [Driver] value, made by [Define] and
// listed in drivers/all; it opens a [Device] for each UPS that ups.conf gives
// to it.
package drivers

import (
	"context"
	"errors"
	"log/slog"

	"github.com/wattnut/wattnut/nut"
)

// Device is a device in contact. It needs no lock: all its methods are called
// from one goroutine, one at a time.
type Device interface {
	// Read asks the device what is new and writes it into d, which holds
	// what earlier calls wrote (and is empty at the first). It returns within
	// ctx, whatever the device does.
	//
	// nil means that the facts in d are what the device says now.
	// ErrWaiting and ErrStale mean that contact is good, but the facts are
	// not complete yet, or old by the device's own word. ErrGone, and any
	// other error, means that contact is lost: the device is closed, and
	// opened again after a while.
	Read(ctx context.Context, d *nut.Draft) error
	// Close ends contact. It is called once, also after a failed Read.
	Close() error
}

// Results of Device.Read and of opening that mean more than "it failed".
var (
	// ErrWaiting: in contact, but the first complete set of facts is still
	// to come.
	ErrWaiting = errors.New("waiting for the first data")
	// ErrStale: in contact, but the facts are old by the device's own word.
	ErrStale = errors.New("data stale")
	// ErrGone: there is nobody to be in contact with, and nothing is known.
	// Without it, the last facts are kept until they are too old.
	ErrGone = errors.New("driver not connected")
)

// What a Device may be able to do besides, found by type assertion. Like
// Device's own methods, these are called from its one goroutine.
type (
	// Commander takes instant commands: those that its Draft lists. arg is
	// "" where the client gave none. An error wraps nut.ErrUnknown,
	// nut.ErrInvalidArgument or nut.ErrFailed; other errors count as failed.
	Commander interface {
		Command(ctx context.Context, cmd nut.Name, arg string) error
	}

	// Setter changes variables: those that its Draft has as writable. The
	// value has passed the checks that the variable's attributes ask for.
	// Errors are those of Commander.
	Setter interface {
		Set(ctx context.Context, name nut.Name, value string) error
	}

	// Relay hands orders on to another program, in place of Commander and
	// Setter. It returns when the order is sent; done, if not nil, is called
	// once from any goroutine when the outcome is known, or never.
	Relay interface {
		Relay(ctx context.Context, o nut.Order, done func(error)) error
	}

	// Notifier has news at other times than when it is asked. Each value
	// on the channel asks for a Read now. The channel is the same for the
	// Device's life, and may be nil.
	Notifier interface {
		News() <-chan struct{}
	}
)

// Again is an error of an Opener, or one that it wraps, that knows when another try
// is worth it before the agent would try by itself: a device was plugged in.
type Again interface {
	error
	// Again returns a channel that is closed then, or nil.
	Again() <-chan struct{}
}

// Env is what a driver gets beside its own settings.
type Env struct {
	UPS      string       // the section's name in ups.conf
	ConfDir  string       // where the configuration is, for files named without a path
	StateDir string       // where local sockets are
	Log      *slog.Logger // has the UPS' name already
}

// Opener makes contact with a device. It returns within ctx. It is called
// again after each loss of contact, until it succeeds.
type Opener func(ctx context.Context, env Env) (Device, error)

// Setting is one "key = value" or bare flag of a ups.conf section.
type Setting struct {
	Name  string
	Value string
	Flag  bool // given without a value
}

// Driver is a family of devices under one of NUT's driver names.
type Driver struct {
	Name    string   // NUT's name: "dummy-ups"
	Version string   // driver.version.internal
	About   string   // one line for people
	Options []Option // what ups.conf may say, in the order of the configuration type
	// Bind checks the settings and touches no hardware. All that is wrong
	// is in the error, which is or joins *SettingError.
	Bind func([]Setting) (Opener, error)
	// Scanners look for devices of the family; nil where that cannot be done.
	Scanners []Scanner
}

// Option is one setting a driver knows.
type Option struct {
	Name    string
	Default string
	Help    string
	Flag    bool // takes no value
	Secret  bool // its value is never shown
}

// SettingError says what is wrong with one setting.
type SettingError struct {
	Name   string
	Reason string
}

// Error names the setting and what is wrong with it.
func (e *SettingError) Error() string { return e.Name + ": " + e.Reason }
