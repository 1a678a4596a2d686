//go:build unix

package daemon

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Detach starts this program anew in the background, with the same words,
// environment and output, and waits until it is ready or ends. It returns the
// exit code for the caller to end with: 0 once the other is ready, else the
// other's. If ctx ends first, the other is killed.
func Detach(ctx context.Context) (code int, err error) {
	path, err := os.Executable()
	if err != nil {
		return 1, fmt.Errorf("start in the background: %w", err)
	}
	reads, writes, err := os.Pipe()
	if err != nil {
		return 1, fmt.Errorf("start in the background: %w", err)
	}
	defer reads.Close()
	child := exec.Command(path)
	child.Args = os.Args
	child.Env = append(os.Environ(), readyVar+"=3")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.ExtraFiles = []*os.File{writes}
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = child.Start()
	writes.Close()
	if err != nil {
		return 1, fmt.Errorf("start in the background: %w", err)
	}
	return await(ctx, child, reads)
}

func await(ctx context.Context, child *exec.Cmd, reads *os.File) (code int, err error) {
	stop := context.AfterFunc(ctx, func() { child.Process.Kill() }) //nolint:errcheck // it may have ended
	defer stop()
	said, err := io.ReadAll(io.LimitReader(reads, 16)) // until the child closes its end, or dies
	if err == nil && len(said) > 0 {
		return 0, child.Process.Release()
	}
	if err := child.Wait(); child.ProcessState == nil {
		return 1, fmt.Errorf("wait for the background: %w", err)
	}
	if !child.ProcessState.Exited() { // a signal ended it
		return 1, fmt.Errorf("background process: %s", child.ProcessState)
	}
	return child.ProcessState.ExitCode(), nil
}

// keepToSelf keeps the descriptor from programs that this one starts.
func keepToSelf(f *os.File) { unix.CloseOnExec(int(f.Fd())) }

// redirect puts f in the place of standard input, output and error.
func redirect(f *os.File) error {
	for fd := range 3 {
		if err := unix.Dup2(int(f.Fd()), fd); err != nil {
			return err
		}
	}
	return nil
}

// Signal sends sig to a process; 0 only asks whether there is one.
func Signal(pid int, sig syscall.Signal) error { return syscall.Kill(pid, sig) }
