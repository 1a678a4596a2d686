package monitor

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Bounds of what tells people. A NOTIFYCMD that waits for its turn is told of a
// past that is gone, so few wait; one that runs may well do so for minutes.
const (
	commandLimit    = 10 * time.Minute
	commandParallel = 32
	commandReserve  = 8 // for those that tell of a shutdown
	commandWaiting  = 256
	wallLimit       = 10 * time.Second
	lineWaiting     = 256
)

// Notices tell people what a [Monitor] has to say: each by the flags it has. Make
// them with [NewNotices]; the methods may be called from any goroutine.
//
// Nothing here waits for anybody, and all of it is bounded: of notices that come
// faster than they can be told, some are dropped, which is logged.
type Notices struct {
	options NoticeOptions

	system, wall, command pool

	mu       sync.Mutex
	program  []string     // NOTIFYCMD
	instead  func(Notify) // what takes its place; nil for nothing
	counts   map[NoticeCount]int
	dropping map[*pool]bool
}

// NoticeOptions are where notices go.
type NoticeOptions struct {
	// Syslog takes those for SYSLOG, a line each; nil gives them to Log.
	Syslog io.Writer
	// Wall is the command that takes those for WALL on its input; "wall" if
	// it is nil.
	Wall []string
	// Output is where the commands write to; nil for nowhere. It is given to
	// them as it is, so they can go on after this process has ended.
	Output *os.File
	// Limit is how long NOTIFYCMD may take before it is killed, with what it
	// has started in its group; 0 stands for 10 minutes.
	Limit time.Duration
	Log   *slog.Logger
}

// NoticeCount is what notices are counted by.
type NoticeCount struct {
	Type   Type
	Result string // "told", "failed" or "dropped"
}

// NewNotices returns Notices without a NOTIFYCMD.
func NewNotices(o NoticeOptions) *Notices {
	if o.Wall == nil {
		o.Wall = []string{"wall"}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limit = cmp.Or(o.Limit, commandLimit)
	return &Notices{
		options: o, counts: make(map[NoticeCount]int), dropping: make(map[*pool]bool),
		system:  pool{parallel: 1, waiting: lineWaiting},
		wall:    pool{parallel: 1, waiting: lineWaiting},
		command: pool{parallel: commandParallel, reserve: commandReserve, waiting: commandWaiting},
	}
}

// SetCommand makes a program and its first arguments the NOTIFYCMD from here on;
// none if it is empty.
func (n *Notices) SetCommand(program []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.program, n.instead = program, nil
}

// SetInstead has do told from here on, in place of any NOTIFYCMD. It must not
// wait, and not call n.
func (n *Notices) SetInstead(do func(Notify)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.program, n.instead = nil, do
}

// Counts is how often each kind of notice came to each result.
func (n *Notices) Counts() map[NoticeCount]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.counts)
}

// Notify implements [Notifier].
func (n *Notices) Notify(a Notify) {
	a.Message = printable(a.Message)
	n.mu.Lock()
	program, instead := n.program, n.instead
	n.mu.Unlock()
	if a.Flags&Syslog != 0 {
		n.submit(&n.system, a, func(func()) error { return n.writeLine(a) })
	}
	if a.Flags&Wall != 0 {
		n.submit(&n.wall, a, func(func()) error { return n.tellAll(a) })
	}
	switch {
	case a.Flags&Exec == 0:
	case instead != nil:
		instead(a)
		n.count(a.Type, "told")
	case len(program) > 0:
		n.submit(&n.command, a, func(begun func()) error { return n.execute(program, a, begun) })
	}
}

// printable takes out what could play tricks on a terminal or in a log: some of
// a message may come from a server that is not ours.
func printable(message string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, message)
}

// submit has a notice told, and sees to what comes of it.
func (n *Notices) submit(p *pool, a Notify, tell func(begun func()) error) {
	urgent := a.Type == Shutdown || a.Type == Forced || a.Type == ShutdownHostSync
	taken := p.submit(func(begun func()) {
		result := "told"
		if err := tell(begun); err != nil {
			result = "failed"
			n.options.Log.Warn("notice not told as it should be", "type", a.Type.String(), "ups", a.UPS, "error", err)
		}
		n.count(a.Type, result)
	}, urgent)
	n.mu.Lock()
	first := !taken && !n.dropping[p]
	n.dropping[p] = !taken
	n.mu.Unlock()
	if taken {
		return
	}
	n.count(a.Type, "dropped")
	if first {
		n.options.Log.Error("dropping notices: they come faster than they can be told", "type", a.Type.String(), "ups", a.UPS)
	}
}

func (n *Notices) count(t Type, result string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[NoticeCount{t, result}]++
}

// Flush waits until all notices are told, and those for NOTIFYCMD given to it,
// or until ctx ends.
func (n *Notices) Flush(ctx context.Context) {
	for _, p := range []*pool{&n.system, &n.wall, &n.command} {
		p.flush(ctx)
	}
}
