package vm

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// End is how a machine has ended.
type End int

// The ends that there are.
const (
	Broken     End = iota // qemu did not work
	PoweredOff            // by itself, as it should
	Rebooted              // or was about to
	Panicked              // the kernel did
	TimedOut              // it was still there when its time was over
	Stopped               // the test ended
)

func (e End) String() string {
	return [...]string{"is broken", "has powered off", "has rebooted", "has panicked", "took too long", "was stopped"}[e]
}

// judge tells how a machine has ended: by the reason that qemu gave, by what was
// on the console, and by whether it was told to.
func judge(reason string, console []string, told error) End {
	panicked := func(line string) bool { return strings.Contains(line, "Kernel panic - not syncing") }
	switch {
	case slices.ContainsFunc(console, panicked):
		return Panicked
	case reason == "guest-shutdown":
		return PoweredOff
	case reason == "guest-reset":
		return Rebooted
	case errors.Is(told, context.DeadlineExceeded):
		return TimedOut
	case told != nil:
		return Stopped
	}
	return Broken
}
