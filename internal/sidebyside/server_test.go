package sidebyside

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut/client"
)

// users are who may log in.
const users = `[mon]
	password = m0n
	upsmon primary
[second]
	password = s3c
	upsmon secondary
`

// server is an upsd, and the drivers it listens to.
type server struct {
	*place

	program string
	addr    string
	drivers map[string]*driver
	process *process // nil while it is gone
}

// serve starts an upsd for UPSes that are on line, each with a played driver.
func serve(tb testing.TB, program string, upses ...string) *server {
	tb.Helper()
	s := newServer(newPlace(tb), program, "127.0.0.1", nuttest.FreePort(tb), upses...)
	s.comes()
	return s
}

// newServer is an upsd that does not run yet.
func newServer(p *place, program, host, port string, upses ...string) *server {
	p.Helper()
	s := &server{place: p, program: program, addr: net.JoinHostPort(host, port), drivers: make(map[string]*driver)}
	var conf strings.Builder
	for _, name := range upses {
		fmt.Fprintf(&conf, "[%s]\n\tdriver = played\n\tport = none\n", name)
		s.drivers[name] = play(p, s.path("state/played-"+name))
	}
	s.write(files{"etc/upsd.users": users, "etc/ups.conf": conf.String()})
	s.configure("")
	return s
}

// configure writes upsd.conf, with further lines.
func (s *server) configure(more string) {
	s.Helper()
	host, port, err := net.SplitHostPort(s.addr)
	if err != nil {
		s.Fatal(err)
	}
	s.write(files{"etc/upsd.conf": fmt.Sprintf("LISTEN %s %s\nMAXAGE 15\n%s", host, port, more)})
}

// comes starts the server, and waits until it has data of all UPSes.
func (s *server) comes() {
	s.Helper()
	s.process = s.start(s.program, "-F", "-u", me(s))
	for name := range s.drivers {
		nuttest.Await(s, func() error { return s.live(name) })
	}
}

func (s *server) goes() {
	s.process.kill()
	s.process = nil
}

func (s *server) live(ups string) error {
	c, err := client.Dial(s.Context(), s.addr, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	status, err := c.GetVar(s.Context(), ups, "ups.status")
	if err == nil && status == "WAIT" {
		err = errors.New("no data yet")
	}
	return err
}

// visit is a client by hand of a UPS, logged in until it leaves.
func (s *server) visit(user, password, ups string) *client.Client {
	s.Helper()
	c, err := client.Dial(s.Context(), s.addr, nil)
	if err == nil {
		s.Cleanup(func() { c.Close() })
		err = errors.Join(c.Authenticate(s.Context(), user, password), c.Login(s.Context(), ups))
	}
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// theirs is the path of a program of the distribution.
func theirs(tb testing.TB, program string) string {
	tb.Helper()
	return testenv.Need(tb, program)
}

// logins is how many are logged in to a UPS.
func (s *server) logins(ups string) (int, error) {
	c, err := client.Dial(s.Context(), s.addr, nil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	return c.NumLogins(s.Context(), ups)
}
