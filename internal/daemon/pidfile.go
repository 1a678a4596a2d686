package daemon

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// runDir is where NUT's programs keep their PID files in Debian.
const runDir = "/run/nut"

// PIDFile is the path of a file that holds the number of a running process.
type PIDFile string

// RootPIDFile is the file of a program that NUT starts as root (upsmon, upslog):
// name.pid in $NUT_PIDPATH, or name itself if it is a path.
func RootPIDFile(name string) PIDFile {
	return pidFile(cmp.Or(os.Getenv("NUT_PIDPATH"), runDir), name)
}

// UserPIDFile is the file of a program that NUT runs as its own user (upsd, the
// drivers): name.pid in $NUT_ALTPIDPATH, else in the state folder, or name
// itself if it is a path.
func UserPIDFile(name, stateDir string) PIDFile {
	return pidFile(cmp.Or(os.Getenv("NUT_ALTPIDPATH"), stateDir, runDir), name)
}

func pidFile(dir, name string) PIDFile {
	if filepath.IsAbs(name) {
		return PIDFile(name)
	}
	return PIDFile(filepath.Join(dir, name+".pid"))
}

// Write puts this process into the file, in place of whatever was there.
func (p PIDFile) Write() error {
	if err := p.Remove(); err != nil {
		return err
	}
	f, err := os.OpenFile(string(p), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, os.Getpid())
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, p.Remove()) // on a full disk, an empty one would stay
	}
	return nil
}

// Remove deletes the file; one that is not there is no error.
func (p PIDFile) Remove() error {
	if err := os.Remove(string(p)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// PID is the process that the file names, running or not. The error wraps
// fs.ErrNotExist where there is no file.
func (p PIDFile) PID() (int, error) {
	f, err := os.Open(string(p))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 {
		return 0, fmt.Errorf("PID file %s: no process number in it", p)
	}
	return pid, nil
}

// Running tells whether another process that the file names is alive. A stale
// or broken file names none.
func (p PIDFile) Running() (pid int, alive bool) {
	pid, err := p.PID()
	if err != nil || pid == os.Getpid() {
		return 0, false
	}
	err = Signal(pid, 0)
	return pid, err == nil || errors.Is(err, syscall.EPERM)
}

// Signal sends sig to the process that the file names. The error wraps
// fs.ErrNotExist where there is no file, and syscall.ESRCH where there is no
// such process.
func (p PIDFile) Signal(sig syscall.Signal) error {
	pid, err := p.PID()
	if err != nil {
		return err
	}
	if err := Signal(pid, sig); err != nil {
		return fmt.Errorf("process %d of %s: %w", pid, p, err)
	}
	return nil
}
