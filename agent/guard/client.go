package guard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

const (
	// childVar is set in the environment of an agent that a guard started.
	childVar = "WATTNUT_GUARDED"
	// socketsVar says how many sockets of systemd's an agent has; systemd's own
	// variable, which speaks of descriptors from firstFD on.
	socketsVar = "LISTEN_FDS"
	// firstFD is the first descriptor behind the standard ones: of the sockets, then
	// of the words, then of the checks. An agent has no others.
	firstFD = 3
	// sayTime is how long a word may take: the pipe holds thousands.
	sayTime = time.Second
	// reportMax is the longest report of a guard's probes.
	reportMax = 4096
)

// ErrGone means that the guard is no more: nobody would end the host.
var ErrGone = errors.New("the guard is gone")

// Client is an agent's side of its guard. Its methods may be called from any
// goroutine, and wait for a second at most.
type Client struct {
	words  io.WriteCloser
	checks io.ReadCloser

	mu   sync.Mutex
	last []Check
}

// Alive says that the agent is up, and has just looked at its UPSes: to be called
// at every step of the decision, and not before SIGHUP and SIGUSR1 are handled.
// An agent that was alive and falls silent is taken for hung.
func (c *Client) Alive() error { return c.say(wordAlive) }

// Low says whether the host must be expected to go down soon: on battery, and
// that low. It is to be said when known, and when it changes.
func (c *Client) Low(low bool) error {
	if low {
		return c.say(wordLow)
	}
	return c.say(wordFine)
}

// Shutdown has the guard end the host. It returns when that is said, not when it
// is done; to say it again does no harm.
func (c *Client) Shutdown() error { return c.say(wordShutdown) }

func (c *Client) say(w word) error {
	if f, ok := c.words.(*os.File); ok {
		f.SetWriteDeadline(time.Now().Add(sayTime)) //nolint:errcheck // a pipe has deadlines
	}
	_, err := c.words.Write([]byte{byte(w)})
	if isClosedPipe(err) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("tell the guard: %w", err)
	}
	return nil
}

// Run keeps what the guard reports of its probes, until ctx ends. It returns
// [ErrGone] if the guard ends before.
func (c *Client) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.checks.Close() })
	defer stop()
	lines := bufio.NewScanner(c.checks)
	lines.Buffer(make([]byte, 0, reportMax), reportMax)
	for lines.Scan() {
		var checks []Check
		if err := json.Unmarshal(lines.Bytes(), &checks); err != nil {
			continue // not from a guard of this version
		}
		c.mu.Lock()
		c.last = checks
		c.mu.Unlock()
	}
	if ctx.Err() != nil {
		return nil
	}
	return ErrGone
}

// Checks returns what the guard's last probe of the way down found; nil if
// nothing is known yet. The slice is not to be changed.
func (c *Client) Checks() []Check {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}
