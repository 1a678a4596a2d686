package interop

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// patience is how long anything may take that has no reason to take long.
const patience = 20 * time.Second

// files are the texts of a configuration folder, by name.
type files map[string]string

// site is a configuration folder etc, a state folder and a port for a server.
type site struct {
	testing.TB

	dir  string
	port string
	vars []string // of the environment, beside those that name the folders
}

// newSite writes a configuration. In its texts, $DIR, $PORT and $USER stand
// for those of the site.
func newSite(tb testing.TB, text files) *site {
	tb.Helper()
	s := &site{TB: tb, dir: nuttest.ShortDir(tb), port: nuttest.FreePort(tb), vars: []string{"WATTNUT_WEB_LISTEN="}}
	for _, dir := range []string{"etc", "state"} {
		if err := os.Mkdir(filepath.Join(s.dir, dir), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	s.write(files{"upsd.conf": "LISTEN 127.0.0.1 $PORT\nMAXAGE 15\nDATAPATH /usr/share/nut\n", "upsd.users": "", "ups.conf": ""})
	s.write(text)
	return s
}

// write writes files of the configuration anew.
func (s *site) write(text files) {
	s.Helper()
	known := strings.NewReplacer("$DIR", s.dir, "$PORT", s.port, "$USER", me(s))
	for _, name := range slices.Sorted(maps.Keys(text)) {
		if err := os.WriteFile(s.etc(name), []byte(known.Replace(text[name])), 0o600); err != nil {
			s.Fatal(err)
		}
	}
}

func (s *site) etc(name string) string   { return filepath.Join(s.dir, "etc", name) }
func (s *site) state(name string) string { return filepath.Join(s.dir, "state", name) }
func (s *site) addr() string             { return net.JoinHostPort("127.0.0.1", s.port) }

// command is a program over the folders of s.
func (s *site) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NUT_") && !strings.HasPrefix(v, "WATTNUT_") {
			c.Env = append(c.Env, v)
		}
	}
	state := filepath.Join(s.dir, "state")
	c.Env = append(append(c.Env, "NUT_CONFPATH="+filepath.Join(s.dir, "etc"), "NUT_STATEPATH="+state,
		"NUT_ALTPIDPATH="+state, "NUT_PIDPATH="+state), s.vars...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = time.Second
	return c
}

// result is what became of a program that ended.
type result struct {
	out, err string
	code     int
}

// run runs a program to its end.
func (s *site) run(program string, args ...string) result {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	c := s.command(ctx, program, args...)
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	if failed := c.Run(); failed != nil {
		if _, ok := errors.AsType[*exec.ExitError](failed); !ok || ctx.Err() != nil {
			s.Fatalf("%s %q: %v: %s%s", program, args, failed, out.String(), err.String())
		}
	}
	return result{out.String(), err.String(), c.ProcessState.ExitCode()}
}

// process is a program that runs until the test ends, or before.
type process struct {
	tb    testing.TB
	name  string
	cmd   *exec.Cmd
	ended chan struct{} // closed at its end

	mu   sync.Mutex
	said bytes.Buffer
}

// start starts a program. What it said is shown if the test fails.
func (s *site) start(program string, args ...string) *process {
	s.Helper()
	p := &process{tb: s, name: filepath.Base(program), ended: make(chan struct{})}
	p.cmd = s.command(context.WithoutCancel(s.Context()), program, args...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.cmd.Wait()
	}()
	s.Cleanup(func() {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(5 * time.Second):
			s.Errorf("%s does not end at SIGTERM", p.name)
			syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
			<-p.ended
		}
		if s.Failed() {
			s.Logf("%s: %s", p.name, p.output())
		}
	})
	return p
}

// Write keeps what the program says.
func (p *process) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(data)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

func (p *process) signal(sig syscall.Signal) {
	p.cmd.Process.Signal(sig) // it may have ended
}

// wait waits for the end and returns the exit code.
func (p *process) wait(within time.Duration) int {
	p.tb.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		p.tb.Fatalf("%s still runs after %v: %s", p.name, within, p.output())
	}
	return p.cmd.ProcessState.ExitCode()
}

// says waits until the program has said something.
func (p *process) says(text string) {
	p.tb.Helper()
	nuttest.Await(p.tb, func() error {
		if !strings.Contains(p.output(), text) {
			return errors.New(p.name + " has not said " + text)
		}
		return nil
	})
}

// forget removes a PID file that the distribution's programs leave where no
// variable can send it; name is that of this test alone.
func (s *site) forget(name string) {
	s.Cleanup(func() { os.Remove("/run/nut/" + name + ".pid") })
}

// me is the user of the test: NUT's daemons run as nut otherwise, who may not
// enter the folders.
func me(tb testing.TB) string {
	tb.Helper()
	u, err := user.Current()
	if err != nil {
		tb.Fatal(err)
	}
	return u.Username
}
