package nut

// Health tells how far the facts of a Snapshot can be trusted.
type Health uint8

const (
	// Absent: there is no contact with the device and there are no facts;
	// clients are told DRIVER-NOT-CONNECTED.
	Absent Health = iota
	// Waiting: contact was made, the facts are not complete yet; clients
	// see the ups.status WAIT.
	Waiting
	// Live: the facts are what the device says now.
	Live
	// Stale: the facts are the last that the device gave before contact was
	// lost, or the device itself says that they are old; clients are told
	// DATA-STALE.
	Stale
)

// String names h in lower case, for logs.
func (h Health) String() string {
	switch h {
	case Absent:
		return "absent"
	case Waiting:
		return "waiting"
	case Live:
		return "live"
	case Stale:
		return "stale"
	}
	return "unknown"
}
