package nutsocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// site is a configuration with the real dummy-ups in it.
func site(t *testing.T) drivers.Env {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ups.conf": "[d1]\n driver = dummy-ups\n port = " + dir + "/d1.dev\n mode = dummy-once\n",
		"d1.dev":   "ups.status: OL\nbattery.charge: 90\nups.id: name\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return drivers.Env{UPS: "d1", ConfDir: dir, StateDir: dir, Log: slog.New(slog.DiscardHandler)}
}

// asRoot has Debian's drivers stay root where the test is: the folders of a
// test are closed to others.
func asRoot() Options {
	if os.Geteuid() == 0 {
		return Options{User: "root"}
	}
	return Options{}
}

func open(t *testing.T, opener drivers.Opener, env drivers.Env) *device {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	d, err := opener(ctx, env)
	if err != nil {
		t.Fatal(err)
	}
	return d.(*device)
}

// until reads the device on its news until done says so.
func until(t *testing.T, d *device, draft *nut.Draft, done func(error) bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		err := d.Read(t.Context(), draft)
		if done(err) {
			return
		}
		select {
		case <-d.News():
		case <-limit:
			t.Fatalf("nothing came; last: %v, ups.status %q", err, draft.Value("ups.status"))
		}
	}
}

func live(err error) bool { return err == nil }
func gone(err error) bool { return errors.Is(err, drivers.ErrGone) }

// exercise has a dummy-ups take an order, and tell what became of it.
func exercise(t *testing.T, d *device) {
	t.Helper()
	var draft nut.Draft
	until(t, d, &draft, live)
	if got := draft.Value("battery.charge"); got != "90" {
		t.Errorf("battery.charge %q", got)
	}
	v, _ := draft.Lookup("ups.id")
	if !v.Writable || !v.Text || v.MaxLen == 0 {
		t.Errorf("ups.id %+v", v)
	}
	outcome := make(chan error, 1)
	err := d.Relay(t.Context(), nut.Order{Set: true, Name: "ups.id", Value: `a"b\ #c`, Tracked: true}, func(err error) { outcome <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-outcome; err != nil {
		t.Errorf("SET: %v", err)
	}
	// The driver tells it unescaped, so only the next dump has it right.
	until(t, d, &draft, func(error) bool { return draft.Value("ups.id") == `a"b\ #c` })
	err = d.Relay(t.Context(), nut.Order{Name: "no.such", Tracked: true}, func(err error) { outcome <- err })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-outcome; !errors.Is(err, nut.ErrUnknown) {
		t.Errorf("INSTCMD no.such: %v", err)
	}
}

func TestRealAttached(t *testing.T) {
	t.Parallel()
	program := testenv.Need(t, "dummy-ups")
	env := site(t)
	if _, err := Attach("dummy-ups", Options{})(t.Context(), env); !gone(err) || !errors.Is(err, errNobody) {
		t.Fatalf("before the driver: %v", err)
	}
	p, err := startProcess(env, program, asRoot().User)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := p.dial(socketPath(env, "dummy-ups"), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) // not before: see Start
	d := open(t, Attach("dummy-ups", Options{}), env)
	exercise(t, d)
	// Who would start one finds it running, and does not.
	again := open(t, Start(program, asRoot()), env)
	if again.process != nil {
		t.Error("started twice")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	until(t, d, new(nut.Draft), gone)
	d.Close()
}

func TestRealStarted(t *testing.T) {
	t.Parallel()
	program := testenv.Need(t, "dummy-ups")
	env := site(t)
	opener := Start(program, asRoot())
	d := open(t, opener, env)
	exercise(t, d)
	if err := d.process.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var reason error
	until(t, d, new(nut.Draft), func(err error) bool { reason = err; return gone(err) })
	if !strings.Contains(reason.Error(), "killed") {
		t.Errorf("the reason: %v", reason)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	// The Runner opens it again: it is back, although its socket was left behind.
	d = open(t, opener, env)
	until(t, d, new(nut.Draft), live)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if d.process.cmd.ProcessState == nil {
		t.Error("the process is left behind")
	}
}

// A driver that ends at once tells why.
func TestStartFails(t *testing.T) {
	program := testenv.Need(t, "dummy-ups")
	env := site(t)
	closed := fmt.Sprintf("%s/closed", env.StateDir)
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, program, want string
		change              func(*drivers.Env)
		root                bool // the case needs to be root
	}{
		{name: "no program", program: "/no/such/driver", want: "no such file"},
		{name: "no section", program: program, want: "Section other not found", change: func(e *drivers.Env) { e.UPS = "other" }},
		{name: "no right", program: program, want: "must be able to write to the state folder", change: func(e *drivers.Env) { e.StateDir = closed }, root: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := env
			if tt.change != nil {
				tt.change(&env)
			}
			options := asRoot()
			if tt.root {
				if os.Geteuid() != 0 {
					t.Skip("only root can have the driver lose rights")
				}
				options = Options{User: "nobody"}
			}
			_, err := Start(tt.program, options)(t.Context(), env)
			if !gone(err) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A process that ignores TERM is killed.
func TestStopByForce(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	script := filepath.Join(t.TempDir(), "driver")
	text := "#!" + sh + "\ntrap '' TERM\nwhile :; do sleep 1; done\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := startProcess(site(t), script, "")
	if err != nil {
		t.Fatal(err)
	}
	// Nobody listens, and within is over before the script ends.
	if _, err := p.dial(script+".sock", 300*time.Millisecond); err == nil || !strings.Contains(err.Error(), "did not listen") {
		t.Errorf("dial: %v", err)
	}
	began := time.Now()
	if err := p.stop(); err != nil || time.Since(began) > stopTime+5*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

// The row of ups.conf finds the socket in the state folder, or by its path.
func TestDriverRow(t *testing.T) {
	env := site(t)
	for port, want := range map[string]string{"x-y": env.StateDir + "/x-y", "/no/such/x": "/no/such/x"} {
		opener, err := Driver.Bind([]drivers.Setting{{Name: "port", Value: port}, {Name: "maxage", Value: "30"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := opener(t.Context(), env); !gone(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", port, err)
		}
	}
	if _, err := Driver.Bind(nil); err == nil {
		t.Error("no port, no error")
	}
}

func TestOutput(t *testing.T) {
	o := newOutput(slog.New(slog.DiscardHandler))
	if got := o.last(); got != "it printed nothing" {
		t.Errorf("%q", got)
	}
	for i := range 100 {
		fmt.Fprintf(o, "line %d\n\n", i)
	}
	fmt.Fprint(o, strings.Repeat("x", 10*maxOutputLine))
	got := o.last()
	if !strings.HasPrefix(got, "line 94; line 95;") || len(got) > maxOutputLine+tailLines*20 {
		t.Errorf("%q", got)
	}
}

// What is said before contact is for debugging only.
func TestOutputLevel(t *testing.T) {
	var log bytes.Buffer
	o := newOutput(slog.New(slog.NewTextHandler(&log, nil)))
	fmt.Fprintln(o, "no device")
	o.raise()
	fmt.Fprintln(o, "a report was short")
	if got := log.String(); strings.Contains(got, "no device") || !strings.Contains(got, `line="a report was short"`) {
		t.Errorf("log: %s", got)
	}
}
