package server

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
)

func TestTooManyConnections(t *testing.T) {
	for name, s := range map[string]*Server{
		"in all":      {MaxConns: 2},
		"per address": {MaxConnsPerAddress: 2},
	} {
		t.Run(name, func(t *testing.T) {
			address := listen(t, s, Policy{})
			first, second := dial(t, address), dial(t, address)
			first.ask("PROTVER", "1.3")
			second.ask("PROTVER", "1.3")
			third := dial(t, address)
			if got := third.line(); got != "ERR ACCESS-DENIED" {
				t.Errorf("one too many is answered %q", got)
			}
			third.closed()
			first.ask("LOGOUT", "OK Goodbye")
			first.closed()
			for s.Stats().Connections > 1 {
				runtime.Gosched()
			}
			dial(t, address).ask("PROTVER", "1.3")
			if got := s.Stats(); got.Refused != 1 || got.Accepted != 3 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

func TestNetworksAreLimitedOneByOne(t *testing.T) {
	s := &Server{MaxConnsPerAddress: 1}
	bubble(t, s, Policy{}, func(l *pipes) {
		for _, address := range []string{"192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1", "[2001:db8:0:1::1]:1"} {
			l.dial(address).ask("PROTVER", "1.3")
		}
		for _, address := range []string{"192.0.2.1:2", "[::ffff:192.0.2.2]:3", "[2001:db8::2]:4"} {
			if got := l.dial(address).line(); got != "ERR ACCESS-DENIED" {
				t.Errorf("%s is answered %q", address, got)
			}
		}
	})
}

// short is a listener that has no descriptors left for a while.
type short struct {
	*pipes
	left int
}

func (s *short) Accept() (net.Conn, error) {
	if s.left > 0 {
		s.left--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return s.pipes.Accept()
}

func TestOutOfDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := new(Server), &short{newPipes(t), 5}
		served := make(chan error, 1)
		go func() { served <- s.Serve(t.Context(), l, Policy{}) }()
		start := time.Now()
		l.dial(someone).ask("PROTVER", "1.3")
		if took := time.Since(start); took != 155*time.Millisecond {
			t.Errorf("served again after %v", took)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, ErrServerClosed) {
			t.Error(err)
		}
	})
}

func TestListenerFails(t *testing.T) {
	l := newPipes(t)
	l.Close()
	if err := new(Server).Serve(t.Context(), l, Policy{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("serve: %v", err)
	}
}

func TestKick(t *testing.T) {
	s := &Server{Users: accounts(), Store: storeOf(newUPS("u", nil, nut.Live, orderable), newUPS("v", nil, nut.Live, orderable))}
	address := listen(t, s, Policy{})
	gone, stays := dial(t, address), dial(t, address)
	gone.asks("USERNAME secmon", "OK", "PASSWORD s3c", "OK", "LOGIN u", "OK")
	stays.asks("USERNAME secmon", "OK", "PASSWORD s3c", "OK", "LOGIN v", "OK")
	s.Store.Replace(s.Store.All()[1:])
	gone.closed()
	stays.asks("GET NUMLOGINS v", "NUMLOGINS v 1", "GET NUMLOGINS u", "ERR UNKNOWN-UPS")
}

func TestNoAllocations(t *testing.T) {
	u := newUPS("bench", nil, nut.Live, benchFacts)
	c := unconnected(&Server{Store: storeOf(u)})
	for _, request := range []string{"GET VAR bench ups.status\n", "LIST VAR bench\n", "GET TYPE bench ups.status\n", "GET VAR bench nosuch\n"} {
		for _, forced := range []bool{false, true} {
			if forced {
				u.Force()
			}
			line := []byte(request)
			if n := testing.AllocsPerRun(100, func() {
				c.out = c.out[:0]
				c.take(line)
			}); n > 0 {
				t.Errorf("%q (forced %v) allocates %v times", request, forced, n)
			}
		}
	}
}

// unconnected is a session whose answers go nowhere.
func unconnected(s *Server) *session {
	s.setUp()
	ours, _ := net.Pipe()
	c := newSession(s, ours, Policy{})
	c.touch()
	c.out = make([]byte, 0, 1<<20)
	return c
}

// TestIdleConnectionsAreSmall holds that 10,000 idle clients fit into 300 MB,
// and easily.
func TestIdleConnectionsAreSmall(t *testing.T) {
	const clients = 500
	s := &Server{Store: storeOf(newUPS("u", nil, nut.Live, orderable))}
	address := listen(t, s, Policy{})
	before := inUse()
	conns := make([]net.Conn, clients)
	buf := make([]byte, 64)
	for i := range conns {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET VAR u ups.status\n")
		if _, err := c.Read(buf); err != nil {
			t.Fatal(err)
		}
		conns[i] = c
	}
	each := (inUse() - before) / clients
	t.Logf("%d bytes for each client, both ends", each)
	if each > 12<<10 {
		t.Errorf("%d bytes for each idle client", each)
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
