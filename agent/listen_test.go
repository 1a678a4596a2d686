package agent

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestListen(t *testing.T) {
	for _, tt := range []struct {
		family Family
		host   string
		least  int
	}{{AnyFamily, "127.0.0.1", 1}, {OnlyIPv4, "localhost", 1}, {AnyFamily, "localhost", 1}, {AnyFamily, "*", 1}, {OnlyIPv4, "*", 1}} {
		all, err := listen(t.Context(), tt.family, tt.host, "0")
		if err != nil {
			t.Errorf("%s: %v", tt.host, err)
		}
		if len(all) < tt.least {
			t.Errorf("%s: %d sockets", tt.host, len(all))
		}
		closeAll(all)
	}
}

func TestListenErrors(t *testing.T) {
	taken, err := listen(t.Context(), AnyFamily, "127.0.0.1", "0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(taken)
	_, port, _ := net.SplitHostPort(taken[0].Addr().String())
	for _, tt := range []struct{ host, port, want string }{
		{"127.0.0.1", port, "listen on 127.0.0.1:" + port + ": another program has this port already"},
		{"192.0.2.1", "0", "listen on 192.0.2.1:0: this machine does not have that address"},
		{"no.such.host.invalid", "0", "listen on no.such.host.invalid:0: "},
	} {
		_, err := listen(t.Context(), AnyFamily, tt.host, tt.port)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.host, err, tt.want)
		}
	}
}

// An address of the other family is one that the server shall not have.
func TestListenFamily(t *testing.T) {
	for host, family := range map[string]Family{"::1": OnlyIPv4, "127.0.0.1": OnlyIPv6} {
		if _, err := listen(t.Context(), family, host, "0"); !errors.Is(err, errNoAddress) {
			t.Errorf("%s: got %v", host, err)
		}
	}
}
