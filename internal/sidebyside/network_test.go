package sidebyside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
)

// The addresses of the two hosts of a network, which nobody else has.
const (
	primaryHost   = "192.0.2.1"
	secondaryHost = "192.0.2.2"
)

// network is two network namespaces with a cable between them, and nothing else.
type network struct {
	testing.TB

	ip    string    // the program
	hosts [2]string // names of the namespaces
}

// networks numbers the networks of this process.
var networks atomic.Int32 //nolint:gochecknoglobals // names are for the whole machine

// newNetwork lays a network, until the test ends. The test is skipped where it
// may not.
func newNetwork(tb testing.TB) *network {
	tb.Helper()
	n := &network{TB: tb, ip: testenv.Need(tb, "ip")}
	needRoot(tb, "network namespaces are made by root only")
	name := fmt.Sprintf("watt%d-%d", os.Getpid(), networks.Add(1))
	for i, host := range []string{"a", "b"} {
		n.hosts[i] = name + host
		n.run("netns", "add", n.hosts[i])
		tb.Cleanup(func() { exec.CommandContext(context.Background(), n.ip, "netns", "del", n.hosts[i]).Run() })
	}
	n.run("link", "add", "cable", "netns", n.hosts[0], "type", "veth", "peer", "name", "cable", "netns", n.hosts[1])
	for i, addr := range []string{primaryHost, secondaryHost} {
		n.run("-n", n.hosts[i], "addr", "add", addr+"/30", "dev", "cable")
		n.run("-n", n.hosts[i], "link", "set", "lo", "up")
		n.run("-n", n.hosts[i], "link", "set", "cable", "up")
	}
	return n
}

func (n *network) run(args ...string) {
	n.Helper()
	if out, err := exec.CommandContext(n.Context(), n.ip, args...).CombinedOutput(); err != nil {
		n.Fatalf("ip %q: %v: %s", args, err, out)
	}
}

// cut pulls the cable out, mend puts it in again.
func (n *network) cut()  { n.Helper(); n.run("-n", n.hosts[0], "link", "set", "cable", "down") }
func (n *network) mend() { n.Helper(); n.run("-n", n.hosts[0], "link", "set", "cable", "up") }

// place is a place for programs on a host of the network.
func (n *network) place(host int) *place {
	n.Helper()
	p := newPlace(n)
	p.within = []string{n.ip, "netns", "exec", n.hosts[host]}
	return p
}

// run runs a program to its end, which is a good one, and returns what it said.
func (p *place) run(program string, args ...string) (string, error) {
	p.Helper()
	r := p.start(program, args...)
	select {
	case <-r.ended:
	case <-time.After(20 * time.Second):
		return "", errors.New(program + " does not end")
	}
	if r.cmd.ProcessState.ExitCode() != 0 {
		return "", fmt.Errorf("%s: %s", program, bytes.TrimSpace([]byte(r.output())))
	}
	return strings.TrimSpace(r.output()), nil
}

// needRoot skips a test that only root can do.
func needRoot(tb testing.TB, why string) {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip(why)
	}
}
