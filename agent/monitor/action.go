package monitor

// Action is something for the driver of the Machine to do, now and in the order
// given: one of [Notify], [LogPollFailure], [SetFSD], [QueryLogins], [PowerOff]
// and [Exit].
type Action interface{ action() }

// Notify tells people something.
type Notify struct {
	Type    Type
	UPS     string // "" where it concerns this host
	Text    string // more about it: the alarm, the unknown words, the jump
	Message string // the configured words, filled in
	Flags   Flags  // where it goes; none to tell nobody
}

// LogPollFailure asks for a line in the log about a UPS that could not be polled.
type LogPollFailure struct {
	UPS    string
	Reason string
	Count  int // failures in a row
}

// SetFSD latches forced shutdown on a UPS that this host is primary for.
type SetFSD struct{ UPS string }

// QueryLogins asks who is still logged in to a UPS; the answer comes back in
// [Reading.Logins]. It is asked again every 250 ms during a shutdown.
type QueryLogins struct{ UPS string }

// PowerOff asks for the power-down flag to be written and the shutdown command
// to be run. A Machine asks once in its life.
type PowerOff struct{}

// Exit ends the monitor. It is the last action of a Machine.
type Exit struct{}

func (Notify) action()         {}
func (LogPollFailure) action() {}
func (SetFSD) action()         {}
func (QueryLogins) action()    {}
func (PowerOff) action()       {}
func (Exit) action()           {}
