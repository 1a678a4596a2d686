package snmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	runner "github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// run has a Runner serve the agent at an address until the test ends.
func run(t *testing.T, address string, more ...string) *state.UPS {
	t.Helper()
	open, err := Driver.Bind(append(settings("port", address, "snmp_version", "v2c", "snmp_timeout", "0.1", "snmp_retries", "0"), settings(more...)...))
	if err != nil {
		t.Fatal(err)
	}
	ups := state.NewUPS("test", "", nil)
	r := runner.New(runner.Config{
		Open: open, Env: testEnv(), UPS: ups, Poll: 20 * time.Millisecond, MaxAge: 300 * time.Millisecond, Retry: 100 * time.Millisecond,
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return ups
}

func await(t *testing.T, ups *state.UPS, health nut.Health, status string) {
	t.Helper()
	nuttest.Await(t, func() error {
		if s := ups.Snapshot(); s.Health != health || s.Value("ups.status") != status {
			return fmt.Errorf("health %v, status %q; want %v, %q", s.Health, s.Value("ups.status"), health, status)
		}
		return nil
	})
}

// TestFaults spoils the answers of an agent in each way: what is known goes
// stale in time, and is live again when the agent is well.
func TestFaults(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"silence":      func([]byte) []byte { return nil },
		"half answers": func(b []byte) []byte { return b[:len(b)/2] },
		"noise":        func(b []byte) []byte { return bytes.Repeat([]byte{0x30, 0x82}, len(b)) },
		"other":        func(b []byte) []byte { return bytes.ReplaceAll(b, []byte{1, 33, 1}, []byte{1, 33, 2}) },
		"nothing":      func(b []byte) []byte { return b[:0:0] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ill atomic.Bool
			a := serve(t, played(t, "ietf").Recording, snmpagent.Config{Answer: func(b []byte) []byte {
				if ill.Load() {
					return spoil(b)
				}
				return b
			}})
			ups := run(t, a.Addr().String())
			await(t, ups, nut.Live, "OL")
			ill.Store(true)
			await(t, ups, nut.Stale, "OL")
			ill.Store(false)
			await(t, ups, nut.Live, "OL")
		})
	}
}

// TestAgentRestarts: another agent at the same address, whose clock began anew
// and which has other outlets, is what is shown soon after.
func TestAgentRestarts(t *testing.T) {
	first := serve(t, played(t, "apc-pdu").Recording, snmpagent.Config{})
	address := first.Addr().String()
	ups := run(t, address)
	await(t, ups, nut.Live, "")
	first.Close()
	next := played(t, "ietf").Recording
	v := next.Get(oidSysUpTime)
	v.Number = 100
	next.Put(v)
	second, err := snmpagent.Listen(address, snmpagent.Config{}, next)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { second.Close() })
	await(t, ups, nut.Live, "OL")
	if s := ups.Snapshot(); s.Value("outlet.1.status") != "" || s.Value("ups.model") != "Ion 3000" {
		t.Errorf("outlet %q, model %q", s.Value("outlet.1.status"), s.Value("ups.model"))
	}
}

// TestSlowCard: a card that takes its time, or none at all, holds up nobody.
func TestSlowCard(t *testing.T) {
	slow := serve(t, played(t, "ietf").Recording, snmpagent.Config{Answer: func(b []byte) []byte {
		<-time.After(80 * time.Millisecond)
		return b
	}})
	silent := serve(t, played(t, "ietf").Recording, snmpagent.Config{Answer: func([]byte) []byte { return nil }})
	quick := serve(t, played(t, "ietf").Recording, snmpagent.Config{})
	run(t, slow.Addr().String())
	run(t, silent.Addr().String(), "snmp_retries", "50")
	ups := run(t, quick.Addr().String())
	await(t, ups, nut.Live, "OL")
	before := quick.Asked()
	<-time.After(time.Second)
	if n := quick.Asked() - before; n < 25 {
		t.Errorf("the quick one was asked %d times in a second, at an interval of 20 ms", n)
	}
}

// TestWrongCommunity says what may be wrong, and never what the community is.
func TestWrongCommunity(t *testing.T) {
	a := serve(t, played(t, "ietf").Recording, snmpagent.Config{Community: "right"})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "community", "geheim", "snmp_timeout", "0.05", "snmp_retries", "0"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(t.Context(), testEnv())
	if err == nil || !strings.Contains(err.Error(), "its community is another") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("got %v", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("it waited for the context")
	}
}

// TestTrapThroughRunner: a trap brings the state long before the next poll.
func TestTrapThroughRunner(t *testing.T) {
	at := freeUDP(t)
	objects := &guarded{Recording: played(t, "ietf").Recording}
	a := serve(t, objects, snmpagent.Config{})
	open, err := Driver.Bind(settings("port", a.Addr().String(), "snmp_version", "v2c", "traps", at))
	if err != nil {
		t.Fatal(err)
	}
	ups := state.NewUPS("test", "", nil)
	r := runner.New(runner.Config{Open: open, Env: testEnv(), UPS: ups, Poll: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	await(t, ups, nut.Live, "OL")
	objects.put(oidSource, 5)
	nuttest.Await(t, func() error { // the first may come before the Runner listens
		trap(t, at, gosnmp.Version2c)
		if !ups.Snapshot().Status().Has("OB") {
			return errors.New("still on line")
		}
		return nil
	})
}

// guarded is a recording that a test changes while it is served.
type guarded struct {
	mu sync.Mutex
	*transport.Recording
}

func (g *guarded) Get(oid string) transport.Value {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Recording.Get(oid)
}

func (g *guarded) put(oid string, n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.Recording.Get(oid)
	v.Number = n
	g.Put(v)
}
