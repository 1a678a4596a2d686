package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/wattnut/wattnut/internal/logind"
)

// busTime is how long the login manager may take to answer.
const busTime = 10 * time.Second

// Logind ends the host by asking systemd's login manager, or elogind, over D-Bus
// to power it off. No program needs to be started for that, at a time when disks
// and memory may be short.
type Logind struct {
	// Else is used where the manager does not take the order; nil for none.
	Else Ender
}

// End implements [Ender].
func (l Logind) End(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, busTime)
	defer cancel()
	err := logind.PowerOff(bounded)
	if err == nil || l.Else == nil {
		return err
	}
	if other := l.Else.End(ctx); other != nil {
		return fmt.Errorf("%w; instead: %w", err, other)
	}
	return nil
}

// Probe implements [Ender]: the manager says that this process may power the
// host off.
func (l Logind) Probe(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, busTime)
	defer cancel()
	answer, err := logind.CanPowerOff(ctx)
	if err == nil && answer != "yes" {
		err = fmt.Errorf("logind CanPowerOff: %s", answer)
	}
	checks := []Check{check("login manager", answer, err)}
	if l.Else != nil {
		checks = append(checks, l.Else.Probe(ctx)...)
	}
	return checks
}

// Container is for a process whose host is not its own to end: the end of the
// process, with [Guard.EndCode], is the message.
type Container struct{}

// End implements [Ender], and does nothing.
func (Container) End(context.Context) error { return nil }

// Probe implements [Ender]; there is nothing that could fail.
func (Container) Probe(context.Context) []Check { return nil }
