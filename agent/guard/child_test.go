//go:build linux

package guard

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"github.com/wattnut/wattnut/internal/killflag"
)

// TestMain plays the agent where a guard started this binary, and a guard of its
// own where a test asks for one.
func TestMain(m *testing.M) {
	client, err := Adopt()
	switch {
	case err != nil:
		fmt.Println(err)
		os.Exit(99) //nolint:forbidigo // it is a program
	case client != nil:
		os.Exit(play(client)) //nolint:forbidigo // it is a program
	case os.Getenv("GUARD_MAIN") != "":
		os.Exit(guardMain()) //nolint:forbidigo // it is a program
	}
	m.Run()
}

// play is an agent's life: the words of its arguments, in order. "|" parts the
// lives of one guard's agents; the last is lived again and again.
func play(c *Client) int {
	lives := strings.Split(strings.Join(os.Args[1:], " "), "|")
	for step := range strings.FieldsSeq(lives[min(born(), len(lives)-1)]) {
		if code, over := act(c, step); over {
			return code
		}
	}
	return 0
}

// born notes a birth in the file "lives" and returns how many were before it.
func born() int {
	before, _ := os.ReadFile("lives")
	f, err := os.OpenFile("lives", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err == nil {
		fmt.Fprintln(f, os.Getpid())
		f.Close()
	}
	return strings.Count(string(before), "\n")
}

// act does one thing, and tells whether that ends the agent.
func act(c *Client, step string) (code int, over bool) {
	switch name, arg, _ := strings.Cut(step, ":"); name {
	case "alive":
		c.Alive()
	case "low", "fine":
		c.Low(name == "low")
	case "shutdown":
		c.Shutdown()
	case "many": // 10,000 words
		for i := range 10_000 {
			c.Low(i%2 == 0)
		}
	case "double":
		for range 10_000 {
			c.Shutdown()
		}
	case "babble":
		for b := range 256 {
			if word(b) != wordShutdown {
				c.words.Write([]byte{byte(b)})
			}
		}
		fmt.Fprintln(c.words, "SHUTDOWN NOW: the battery is low, ünd wie")
	case "close":
		c.words.Close()
	case "inherit": // a grandchild holds the pipe open
		f := c.words.(*os.File)
		os.StartProcess("/bin/sleep", []string{"sleep", "20"}, &os.ProcAttr{Files: []*os.File{nil, nil, nil, f}})
	case "heir": // a grandchild goes on talking
		f := c.words.(*os.File)
		os.StartProcess("/bin/sh", []string{"sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"}, &os.ProcAttr{Files: []*os.File{nil, f, nil}})
	case "catch": // SIGHUP and SIGUSR1
		hup := make(chan os.Signal, 4)
		signal.Notify(hup, syscall.SIGHUP, syscall.SIGUSR1)
		c.Alive()
		note("caught", (<-hup).String())
	case "deaf": // to SIGTERM
		signal.Ignore(syscall.SIGTERM)
	case "term":
		term := make(chan os.Signal, 1)
		signal.Notify(term, syscall.SIGTERM)
		c.Alive()
		note("listening", "to TERM")
		<-term
		note("ended", "by TERM")
		return 0, true
	case "gone": // until the guard is
		note("ended", fmt.Sprint(c.Run(context.Background())))
		return 0, true
	case "checks":
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go c.Run(ctx)
		for c.Checks() == nil {
			time.Sleep(time.Millisecond) //nolint:forbidigo // another process
		}
		note("checks", fmt.Sprint(c.Checks()))
	case "sockets": // of systemd's
		var all []string
		for _, f := range activation.Files(true) {
			l, err := net.FileListener(f)
			if err != nil {
				all = append(all, err.Error())
				continue
			}
			all = append(all, l.Addr().String())
		}
		note("sockets", strings.Join(all, " "))
	case "spy":
		spy()
	case "note":
		note(arg, "was here")
	case "rest":
		d, _ := time.ParseDuration(arg)
		time.Sleep(d) //nolint:forbidigo // another process
	case "hang": // until SIGABRT, at which others write down where they hang
		abort := make(chan os.Signal, 1)
		signal.Notify(abort, syscall.SIGABRT)
		<-abort
		return 0, true
	case "stop":
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "exit":
		return int(arg[0] - '0'), true
	case "panic":
		syscall.Close(2) // or who sums the tests up takes it for a panic of theirs
		panic("as asked")
	default:
		panic(step)
	}
	return 0, false
}

func note(file, text string) {
	if err := os.WriteFile(file, []byte(text+"\n"), 0o644); err != nil {
		panic(err)
	}
}

// rig is a guard over a host that writes a line to a file each time it goes down.
type rig struct {
	*Guard
	dir  string
	flag killflag.File
}

// newRig makes a guard in a folder of its own, where the test then is too.
func newRig(t *testing.T, words string) *rig {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // the agents need not linger
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	flag := killflag.File(filepath.Join(dir, "killpower"))
	return &rig{dir: dir, flag: flag, Guard: &Guard{
		Host:      NewHost(flag, Shell("echo down >> down"), log),
		Args:      append([]string{"agent"}, strings.Fields(words)...),
		Restarts:  Restarts{Deaths: 3, Within: time.Minute, Delay: time.Millisecond, MaxDelay: 4 * time.Millisecond},
		EndIfLost: true,
		Log:       log,
	}}
}

// downs is how often the host went down.
func (r *rig) downs() int { return strings.Count(r.read("down"), "\n") }

// lives is how many agents there were.
func (r *rig) lives() int { return strings.Count(r.read("lives"), "\n") }

func (r *rig) read(file string) string {
	text, _ := os.ReadFile(filepath.Join(r.dir, file))
	return string(text)
}

// await waits for a file with a line in it.
func (r *rig) await(t *testing.T, file string) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if text := r.read(file); strings.HasSuffix(text, "\n") {
			return text
		}
		<-time.After(2 * time.Millisecond) // another process
	}
	t.Fatalf("nothing in the file %s", file)
	return ""
}
