//go:build unix

package guard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/wattnut/wattnut/internal/daemon"
)

// lastWords is how long the next word of a dead agent may take.
const lastWords = 200 * time.Millisecond

// agent is one life of the agent.
type agent struct {
	process *os.Process
	words   chan word     // closed when no more can come
	done    chan struct{} // closed when the process has ended
	state   *os.ProcessState
	hear    *os.File
	tell    *os.File
	quit    chan struct{} // closed when nobody listens any more
}

// start starts an agent, and gives it the sockets.
func (g *Guard) start(sockets []*os.File) (*agent, error) {
	hear, say, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer say.Close()
	told, tell, err := os.Pipe()
	if err != nil {
		hear.Close()
		return nil, err
	}
	defer told.Close()
	a := &agent{
		words: make(chan word), done: make(chan struct{}), quit: make(chan struct{}),
		hear: hear, tell: tell,
	}
	if err := g.launch(a, len(sockets), append(slices.Clone(sockets), say, told)); err != nil {
		hear.Close()
		tell.Close()
		return nil, err
	}
	go listen(hear, a.words, a.quit)
	return a, nil
}

// launch starts the process: this program from its file, or else, where that
// cannot be (it was removed, or the user may not go to its folder), from memory.
// The first of the files are sockets of systemd's, so many.
func (g *Guard) launch(a *agent, sockets int, files []*os.File) error {
	who, credential, err := g.identity()
	if err != nil {
		return err
	}
	path, err := os.Executable()
	if err != nil {
		return err
	}
	var failed error
	for _, path := range append([]string{path}, runningProgram...) {
		err := a.run(&exec.Cmd{
			Path: path, Args: g.Args, Env: childEnv(os.Environ(), who, sockets),
			Stdout: os.Stdout, Stderr: os.Stderr, ExtraFiles: files,
			SysProcAttr: childProcess(credential),
		})
		if err == nil {
			return nil
		}
		failed = errors.Join(failed, fmt.Errorf("start the agent: %w", err))
	}
	return failed
}

// run starts a process and waits for it on a thread of its own, because Linux
// takes the death of the thread that started a child for that of its parent.
func (a *agent) run(c *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Start()
		if err == nil {
			a.process = c.Process
		}
		started <- err
		if err == nil {
			c.Wait() //nolint:errcheck // the state says more
			a.state = c.ProcessState
			close(a.done)
		}
	}()
	return <-started
}

// identity is whom the agent runs as; nil, nil for the guard's own user.
func (g *Guard) identity() (*user.User, *syscall.Credential, error) {
	if g.User == "" || os.Geteuid() != 0 {
		return nil, nil, nil
	}
	who, credential, err := daemon.Identity(g.User)
	if err != nil {
		return nil, nil, fmt.Errorf("run the agent: %w", err)
	}
	return who, credential, nil
}

// listen sends the bytes of r as words, until r or quit ends.
func listen(r io.Reader, words chan<- word, quit <-chan struct{}) {
	defer close(words)
	buffer := make([]byte, 512)
	for {
		n, err := r.Read(buffer)
		for _, b := range buffer[:n] {
			select {
			case words <- word(b):
			case <-quit:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// told tells the agent what was found; an agent that does not listen misses it.
func (a *agent) told(checks []Check) error {
	line, err := json.Marshal(checks)
	if err != nil {
		return err
	}
	if len(line) >= reportMax {
		return fmt.Errorf("a report of %d bytes is too long", len(line))
	}
	if err := a.tell.SetWriteDeadline(time.Now().Add(lastWords)); err != nil {
		return err
	}
	_, err = a.tell.Write(append(line, '\n'))
	return err
}

// signal sends a signal to a process that may have ended.
func (a *agent) signal(s os.Signal) {
	a.process.Signal(s) //nolint:errcheck // it may have ended
}

// lastly gives the listener a moment for the next that a dead agent has said.
func (a *agent) lastly() {
	a.hear.SetReadDeadline(time.Now().Add(lastWords)) //nolint:errcheck // a pipe has deadlines
}

// close gives up the pipes, and ends the listener.
func (a *agent) close() {
	close(a.quit)
	a.hear.Close()
	a.tell.Close()
}
