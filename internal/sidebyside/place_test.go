package sidebyside

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// files are texts of a folder, by name.
type files map[string]string

// place is a folder with etc and state, where programs find their configuration.
type place struct {
	testing.TB

	dir    string
	within []string // what starts a program elsewhere, such as in a namespace
	vars   []string // of the environment, beside those that name the folders
}

func newPlace(tb testing.TB) *place {
	tb.Helper()
	p := &place{TB: tb, dir: nuttest.ShortDir(tb), vars: []string{"WATTNUT_WEB_LISTEN="}}
	for _, dir := range []string{"etc", "state"} {
		if err := os.Mkdir(filepath.Join(p.dir, dir), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	return p
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// write writes files below the folder. $DIR stands for it in their texts. What
// begins as a script is one.
func (p *place) write(text files) {
	p.Helper()
	for _, name := range slices.Sorted(maps.Keys(text)) {
		mode := os.FileMode(0o600)
		if strings.HasPrefix(text[name], "#!") {
			mode = 0o700
		}
		if err := os.WriteFile(p.path(name), []byte(strings.ReplaceAll(text[name], "$DIR", p.dir)), mode); err != nil {
			p.Fatal(err)
		}
	}
}

// read is what a file has now, "" if it is not there.
func (p *place) read(name string) string {
	p.Helper()
	data, err := os.ReadFile(p.path(name))
	if err != nil && !os.IsNotExist(err) {
		p.Fatal(err)
	}
	return string(data)
}

// process is a program that runs until the test ends, or before.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed at its end

	mu   sync.Mutex
	said bytes.Buffer
}

// start starts a program. What it said is shown if the test fails.
func (p *place) start(program string, args ...string) *process {
	p.Helper()
	words := append(append(slices.Clone(p.within), program), args...)
	c := exec.CommandContext(context.WithoutCancel(p.Context()), words[0], words[1:]...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NUT_") && !strings.HasPrefix(v, "WATTNUT_") {
			c.Env = append(c.Env, v)
		}
	}
	state := p.path("state")
	c.Env = append(append(c.Env, "NUT_CONFPATH="+p.path("etc"), "NUT_STATEPATH="+state,
		"NUT_ALTPIDPATH="+state, "NUT_PIDPATH="+state), p.vars...)
	c.Dir, c.WaitDelay = p.dir, time.Second
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r := &process{cmd: c, ended: make(chan struct{})}
	c.Stdout, c.Stderr = r, r
	if err := c.Start(); err != nil {
		p.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		c.Wait() // how it ended is for who looks
	}()
	p.Cleanup(func() {
		r.kill()
		if p.Failed() {
			p.Logf("%s: %s", filepath.Base(program), r.output())
		}
	})
	return r
}

// Write keeps what the program says.
func (r *process) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.Write(data)
}

func (r *process) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String()
}

// kill kills the program and what it has started, and waits for its end.
func (r *process) kill() {
	syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	<-r.ended
}

// alive tells whether the program still runs.
func (r *process) alive() bool {
	select {
	case <-r.ended:
		return false
	default:
		return true
	}
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

// rest lets time pass.
func rest(tb testing.TB, d time.Duration) {
	tb.Helper()
	select {
	case <-time.After(d):
	case <-tb.Context().Done():
		tb.Fatal("the test has ended")
	}
}

// read is what a file has.
func read(tb testing.TB, path string) string {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// uptime is the time since the machine started.
func uptime(tb testing.TB) time.Duration {
	tb.Helper()
	seconds, _, _ := strings.Cut(read(tb, "/proc/uptime"), " ")
	f, err := strconv.ParseFloat(seconds, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return time.Duration(f * float64(time.Second))
}
