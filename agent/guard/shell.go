package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

const (
	shellPath   = "/bin/sh"
	defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	startTries  = 5
)

// Shell ends the host by a command line: upsmon's SHUTDOWNCMD. It is run as C's
// system() would, which upsmon uses: by "/bin/sh -c", with the rights,
// environment, folder and output of this process, for as long as it takes. Unlike
// there it has a session of its own, so that it outlives this process and its
// terminal; and a shell that cannot be started for want of memory or processes is
// tried again.
type Shell string

// End implements [Ender]. It returns when the command has ended; a command that
// began is never run again, whatever became of it.
func (s Shell) End(ctx context.Context) error {
	if strings.TrimSpace(string(s)) == "" {
		return errors.New("no shutdown command is configured")
	}
	for try := 1; ; try++ {
		command := s.command()
		err := command.Start()
		if err == nil {
			if err = command.Wait(); err != nil {
				return fmt.Errorf("shutdown command: %w", err)
			}
			return nil
		}
		if try == startTries || !pause(ctx, time.Second) {
			return fmt.Errorf("shutdown command: %w", err)
		}
	}
}

func (s Shell) command() *exec.Cmd {
	return &exec.Cmd{
		Path:        shellPath,
		Args:        []string{"sh", "-c", string(s)},
		Env:         append(os.Environ(), "PATH="+cmp.Or(os.Getenv("PATH"), defaultPath)),
		Stdout:      os.Stdout,
		Stderr:      os.Stderr,
		SysProcAttr: ownSession(),
	}
}

// Probe implements [Ender]: the shell can read the command, and finds its first
// word.
func (s Shell) Probe(ctx context.Context) []Check {
	text, err := s.find(ctx)
	return []Check{check("shutdown command", text, err)}
}

// find returns the path of the program that the command begins with.
func (s Shell) find(ctx context.Context) (string, error) {
	if strings.TrimSpace(string(s)) == "" {
		return "", errors.New("no shutdown command is configured")
	}
	syntax := exec.CommandContext(ctx, shellPath, "-n", "-c", string(s))
	if complaint, err := syntax.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not understand it: %s", shellPath, cmp.Or(firstLine(complaint), err.Error()))
	}
	word, plain := firstWord(string(s))
	if !plain {
		return "begins with a shell expression, which is not looked into", nil
	}
	path, err := exec.LookPath(word)
	if err != nil {
		return "", err
	}
	return path, nil
}

// pause waits, and returns false if ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
