package upsclient

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/libp2p/zeroconf/v2"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/internal/testenv"
)

// found collects what a scanner finds, as the values of port.
func found(t *testing.T, s drivers.Scanner, where drivers.Search) []string {
	t.Helper()
	var all []string
	err := s.Scan(t.Context(), where, func(f drivers.Found) {
		if f.Driver != "dummy-ups" || len(f.Settings) != 1 || f.Settings[0].Name != "port" {
			t.Errorf("got %+v", f)
		}
		all = append(all, f.Settings[0].Value)
	})
	if err != nil {
		t.Error(err)
	}
	slices.Sort(all)
	return all
}

const twoUPSes = "BEGIN LIST UPS\nUPS one \"1\"\nUPS two \"\"\nEND LIST UPS\n"

func TestScanAddresses(t *testing.T) {
	s := serve(t, map[string]string{"LIST UPS": twoUPSes})
	port := netip.MustParseAddrPort(s.addr).Port()
	got := found(t, Scanners[0], drivers.Search{
		// Nobody listens at the second.
		Addresses: slices.Values([]netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.3")}),
		Port:      int(port), Parallel: 2, Timeout: time.Second,
	})
	if want := []string{fmt.Sprintf("one@127.0.0.1:%d", port), fmt.Sprintf("two@127.0.0.1:%d", port)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestScanHostile meets servers that break the protocol, never answer, or never
// end: each costs its own time and finds nothing.
func TestScanHostile(t *testing.T) {
	for name, answer := range map[string]string{
		"silent": "", "other protocol": "HTTP/1.1 400 Bad Request\r\n\r\n", "refuses": "ERR ACCESS-DENIED\n",
		"half": "BEGIN LIST UPS\nUPS one \"1\"\n", "long line": strings.Repeat("x", 1<<20),
		"endless": "BEGIN LIST UPS\n" + strings.Repeat("UPS one \"1\"\n", 1<<14),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string]string{"LIST UPS": answer})
			begin := time.Now()
			got := found(t, Scanners[0], drivers.Search{
				Addresses: slices.Values([]netip.Addr{netip.MustParseAddr("127.0.0.1")}),
				Port:      int(netip.MustParseAddrPort(s.addr).Port()), Timeout: 300 * time.Millisecond,
			})
			if got != nil || time.Since(begin) > 5*time.Second {
				t.Errorf("found %q after %v", got, time.Since(begin))
			}
		})
	}
}

func TestScanEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	endless := func(yield func(netip.Addr) bool) {
		for yield(netip.MustParseAddr("127.0.0.1")) {
		}
	}
	if err := Scanners[0].Scan(ctx, drivers.Search{Addresses: endless}, func(drivers.Found) {}); err == nil {
		t.Error("an ended search says that it was complete")
	}
}

func TestSpell(t *testing.T) {
	for _, tt := range []struct {
		host string
		port int
		want string
	}{
		{"192.0.2.1", 0, "ups@192.0.2.1"},
		{"192.0.2.1", 3493, "ups@192.0.2.1"},
		{"192.0.2.1", 3494, "ups@192.0.2.1:3494"},
		{"2001:db8::1", 0, "ups@[2001:db8::1]"},
		{"2001:db8::1", 3494, "ups@[2001:db8::1]:3494"},
	} {
		got := spell("ups", tt.host, tt.port)
		if got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		if err := (&Config{Port: got, TLS: tlsNo, Timeout: 1}).Check(); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}

// insideNamespace is set for the test that runs in a network of its own.
const insideNamespace = "WATTNUT_TEST_MDNS"

// TestScanAnnounced hears a server that announces itself by mDNS, in a network
// that nobody else is in.
func TestScanAnnounced(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		runInNamespace(t)
		return
	}
	s := serve(t, map[string]string{"LIST UPS": twoUPSes})
	_, text, _ := net.SplitHostPort(s.addr)
	port, _ := strconv.Atoi(text)
	// The server listens on the loopback, which a second announcement without
	// a server shows not to be the only thing that is heard.
	for name, at := range map[string]int{"attic": port, "cellar": 9} {
		announced, err := zeroconf.RegisterProxy(name, service, "local.", at, name, []string{"127.0.0.1"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(announced.Shutdown)
	}
	got := found(t, Scanners[1], drivers.Search{Timeout: 3 * time.Second})
	if want := []string{fmt.Sprintf("one@127.0.0.1:%d", port), fmt.Sprintf("two@127.0.0.1:%d", port)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// runInNamespace runs the test that called it once more, in a network namespace
// with a cable from the host to itself.
func runInNamespace(t *testing.T) {
	t.Helper()
	ip := testenv.Need(t, "ip")
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made by root only")
	}
	name := fmt.Sprintf("wattmdns%d", os.Getpid())
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), ip, args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %q: %v: %s", args, err, out)
		}
	}
	run("netns", "add", name)
	t.Cleanup(func() { exec.CommandContext(context.Background(), ip, "netns", "del", name).Run() })
	run("-n", name, "link", "add", "cable", "type", "veth", "peer", "name", "end")
	run("-n", name, "addr", "add", "192.0.2.1/24", "dev", "cable")
	for _, link := range []string{"lo", "cable", "end"} {
		run("-n", name, "link", "set", link, "up")
	}
	inside := exec.CommandContext(t.Context(), ip, "netns", "exec", name, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	inside.Env = append(os.Environ(), insideNamespace+"=1")
	out, err := inside.CombinedOutput()
	t.Logf("%s", out)
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("inside: %v", err)
	}
}
