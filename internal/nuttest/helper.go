package nuttest

import (
	"net"
	"os"
	"os/user"
	"testing"
	"time"
)

// Failer is who is told that a test failed: a testing.TB or a
// testscript.TestScript.
type Failer interface {
	Fatalf(format string, args ...any)
}

// Await tries something every 10 ms until it works, 20 s at most.
func Await(test Failer, try func() error) {
	if tb, ok := test.(testing.TB); ok {
		tb.Helper()
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(20 * time.Second)
	for err := try(); err != nil; err = try() {
		select {
		case <-tick.C:
		case <-end:
			test.Fatalf("still, after 20 s: %v", err)
		}
	}
}

// ShortDir is a new folder whose path leaves room for the name of a socket,
// which t.TempDir may not.
func ShortDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "nut") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) }) //nolint:errcheck // a temporary folder
	return dir
}

// FreePort is a loopback port that nobody listens on.
func FreePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

func currentUser(tb testing.TB) string {
	tb.Helper()
	me, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	return me.Username
}
