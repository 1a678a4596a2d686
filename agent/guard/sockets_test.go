//go:build linux

package guard

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestSockets passes the sockets on that systemd opened for the guard, to each
// life of the agent, and only those.
func TestSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, tt := range []struct{ pid, fds, want string }{
		{"$$", "1", l.Addr().String()},
		{"1", "1", ""},
		{"$$", "0", ""},
		{"$$", "many", ""},
	} {
		r := newRig(t, "")
		c := exec.CommandContext(t.Context(), "sh", "-c", `LISTEN_PID=`+tt.pid+` LISTEN_FDS=`+tt.fds+` exec "$0"`, os.Args[0])
		c.Env = append(os.Environ(), "GUARD_MAIN=alive exit:1|alive sockets exit:0")
		c.Stderr, c.ExtraFiles, c.Dir = t.Output(), []*os.File{file}, r.dir
		if err := c.Run(); err != nil {
			t.Errorf("%+v: %v", tt, err)
		}
		if got := strings.TrimSpace(r.await(t, "sockets")); got != tt.want {
			t.Errorf("%+v: the agent has %q", tt, got)
		}
	}
}

func TestAdoptSocketsWrong(t *testing.T) {
	for _, n := range []string{"-1", "17", "x"} {
		t.Setenv(childVar, "1")
		t.Setenv(socketsVar, n)
		if c, err := Adopt(); c != nil || err == nil || !strings.Contains(err.Error(), "sockets") {
			t.Errorf("%s: %v, %v", n, c, err)
		}
	}
}
