// Package logind asks systemd's login manager, or elogind, to switch the machine
// off: the D-Bus interface org.freedesktop.login1.Manager on the system bus.
package logind

import (
	"context"
	"fmt"

	"github.com/godbus/dbus/v5"
)

const (
	service = "org.freedesktop.login1"
	path    = "/org/freedesktop/login1"
	manager = service + ".Manager."
)

// PowerOff asks for the machine to be switched off, and returns once that is
// accepted.
func PowerOff(ctx context.Context) error {
	const interactive = false // nobody is there to be asked for a password
	return call(ctx, "PowerOff", nil, interactive)
}

// CanPowerOff returns what the manager would answer this process: "yes", "no",
// "challenge" (a password would be asked for) or "na" (the machine cannot).
func CanPowerOff(ctx context.Context) (string, error) {
	var answer string
	err := call(ctx, "CanPowerOff", &answer)
	return answer, err
}

// call calls a method on a connection of its own; answer may be nil.
func call(ctx context.Context, method string, answer *string, args ...any) error {
	conn, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("system bus: %w", err)
	}
	defer conn.Close()                                      //nolint:errcheck // all was said
	stop := context.AfterFunc(ctx, func() { conn.Close() }) //nolint:errcheck // to end what waits on it
	defer stop()
	if err := conn.Auth(nil); err != nil {
		return fmt.Errorf("system bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return fmt.Errorf("system bus: %w", err)
	}
	reply := conn.Object(service, path).CallWithContext(ctx, manager+method, 0, args...)
	if err := reply.Err; err != nil {
		return fmt.Errorf("logind %s: %w", method, err)
	}
	if answer == nil {
		return nil
	}
	if err := reply.Store(answer); err != nil {
		return fmt.Errorf("logind %s: %w", method, err)
	}
	return nil
}
