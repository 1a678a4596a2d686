package guard

import (
	"log/slog"
	"time"
)

// Guard runs an agent and can end its host. Its fields are not to be changed
// while it runs.
type Guard struct {
	Host *Host
	// User is whom the agent runs as; "" for the guard's own user. Where the guard
	// is not root's, the agent is the guard's user's too.
	User string
	// Args are the agent's words, its name first. The program is this one.
	Args []string
	// Restarts is how the agent's deaths are borne.
	Restarts Restarts
	// EndIfLost ends the host if the agent dies for good while the last that was
	// heard is that the battery is low: so often as Restarts has it, or once, when
	// nothing was heard for Restarts.Within.
	EndIfLost bool
	// Silence is how long an agent may say nothing before it is killed and started
	// again, four times as long before it is alive; 0 for as long as it likes. Time
	// in which the machine sleeps does not count.
	Silence time.Duration
	// Grace is how long the agent may take to end when it is told to, and the
	// shutdown command when the guard is; 0 for 10 seconds.
	Grace time.Duration
	// ProbeEvery is the time between two probes of the way down; 0 for an hour.
	ProbeEvery time.Duration
	// EndCode is the exit code once the host was told to end.
	EndCode int
	// Ready is called once, when the first agent is alive; nil for nothing.
	Ready func()
	Log   *slog.Logger
}
