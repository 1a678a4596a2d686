package genericups

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/serial"
)

// cable is a line whose levels the test sets and sees.
type cable struct {
	net.Conn
	mu     sync.Mutex
	inputs serial.Inputs
	lines  serial.Lines
	broke  time.Duration // of all breaks
	err    error
}

func (c *cable) SetLines(l serial.Lines) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = l
	return c.err
}

func (c *cable) Inputs() (serial.Inputs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inputs, c.err
}

func (c *cable) Break(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broke += d
	return c.err
}

func (c *cable) set(edit func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	edit()
}

// plug makes a port of a cable.
func plug(t *testing.T) (*serial.Port, *cable) {
	t.Helper()
	near, far := net.Pipe()
	c := &cable{Conn: near}
	p := serial.New(c)
	t.Cleanup(func() {
		if err := errors.Join(p.Close(), far.Close()); err != nil {
			t.Error(err)
		}
	})
	return p, c
}
