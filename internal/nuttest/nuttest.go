// Package nuttest runs the distribution's upsd and dummy-ups for a test, on a
// free loopback port and with folders of their own.
package nuttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut/client"
)

// Config is what an upsd serves.
type Config struct {
	Devices    []Device
	Users      string            // upsd.users
	Directives string            // further lines of upsd.conf
	Files      map[string]string // further files of the configuration folder
}

// Device is one section of ups.conf.
type Device struct {
	Name    string
	Desc    string // none if empty
	Dev     string // what its dummy-ups plays, once
	Options string // further lines of its section

	// Says is what a driver played by the test says at DUMPALL, instead of a
	// dummy-ups. With neither, no driver runs.
	Says string
	// Outcomes are the codes that such a driver tells of orders, by the name
	// of the variable or command. Of others it tells nothing.
	Outcomes map[string]int
}

// UPSD is a running upsd.
type UPSD struct {
	Addr string // 127.0.0.1 and its port
	Port string
	Dir  string // has etc/ and state/
}

// StartUPSD runs upsd with a dummy-ups for each device that plays something,
// until the test ends. It returns once all of them have data. The test is
// skipped where they are not installed.
func StartUPSD(tb testing.TB, config Config) *UPSD {
	tb.Helper()
	upsd, dummy := testenv.Need(tb, "upsd"), testenv.Need(tb, "dummy-ups")
	u := &UPSD{Dir: ShortDir(tb), Port: FreePort(tb)}
	u.Addr = net.JoinHostPort("127.0.0.1", u.Port)
	u.write(tb, config)
	me := currentUser(tb)
	playing := slices.DeleteFunc(slices.Clone(config.Devices), func(d Device) bool { return d.Dev == "" })
	for _, d := range playing {
		u.Start(tb, dummy, "-F", "-u", me, "-a", d.Name)
	}
	for _, d := range playing { // upsd looks for a driver that it missed only every 2 s
		Await(tb, func() error { _, err := os.Stat(u.socket(d.Name)); return err })
	}
	for _, d := range config.Devices {
		if d.Says != "" {
			driver{d.Says, d.Outcomes}.listen(tb, u.socket(d.Name))
		}
		if strings.Contains(d.Says, "DUMPDONE") && !strings.Contains(d.Says, "DATASTALE") {
			playing = append(playing, d)
		}
	}
	u.Start(tb, upsd, "-F", "-u", me)
	for _, d := range playing {
		Await(tb, func() error { return u.ready(tb.Context(), d.Name) })
	}
	return u
}

// Env is the environment in which NUT's programs find the folders of u.
func (u *UPSD) Env() []string {
	state := filepath.Join(u.Dir, "state")
	return append(os.Environ(),
		"NUT_CONFPATH="+filepath.Join(u.Dir, "etc"),
		"NUT_STATEPATH="+state, "NUT_ALTPIDPATH="+state, "NUT_PIDPATH="+state)
}

// Start runs a program over the folders of u until the test ends. Its output is
// shown if the test fails.
func (u *UPSD) Start(tb testing.TB, program string, args ...string) *exec.Cmd {
	tb.Helper()
	var output bytes.Buffer
	c := exec.CommandContext(context.WithoutCancel(tb.Context()), program, args...)
	c.Env, c.Stdout, c.Stderr = u.Env(), &output, &output
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		c.Process.Kill() //nolint:errcheck // it may have ended
		c.Wait()         //nolint:errcheck // by the signal
		if tb.Failed() {
			tb.Logf("%s: %s", filepath.Base(program), output.Bytes())
		}
	})
	return c
}

func (u *UPSD) write(tb testing.TB, config Config) {
	tb.Helper()
	files := map[string]string{
		"upsd.conf":  fmt.Sprintf("LISTEN 127.0.0.1 %s\n%s\n", u.Port, config.Directives),
		"upsd.users": config.Users,
	}
	var ups strings.Builder
	for _, d := range config.Devices {
		fmt.Fprintf(&ups, "[%s]\n\tdriver = dummy-ups\n\tport = %s.dev\n\tmode = dummy-once\n", d.Name, d.Name)
		if d.Desc != "" {
			fmt.Fprintf(&ups, "\tdesc = %q\n", d.Desc)
		}
		fmt.Fprintln(&ups, d.Options)
		files[d.Name+".dev"] = d.Dev
	}
	files["ups.conf"] = ups.String()
	maps.Copy(files, config.Files)
	etc := filepath.Join(u.Dir, "etc")
	for _, dir := range []string{etc, filepath.Join(u.Dir, "state")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

func (u *UPSD) socket(ups string) string {
	return filepath.Join(u.Dir, "state", "dummy-ups-"+ups)
}

// ready tells whether the UPS has data.
func (u *UPSD) ready(ctx context.Context, ups string) error {
	c, err := client.Dial(ctx, u.Addr, nil)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	status, err := c.GetVar(ctx, ups, "ups.status")
	if err == nil && status == "WAIT" {
		err = errors.New("no data yet")
	}
	return err
}
