package sched

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// errLocked tells that another process has the lock.
var errLocked = errors.New("another process has the lock")

// staleLock is the age from which on a lock file that nobody holds is one that
// was left behind. NUT's programs do not hold it, but have it for less.
const staleLock = 2 * time.Second

// fileLock is a file that one process has. It is made anew by whoever takes
// it, and held with flock: one that was left behind is taken over, by one only.
type fileLock struct{ file *os.File }

// acquire takes the lock, or says errLocked. It does not wait.
func acquire(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = leftBehind(path)
	}
	if err != nil {
		return nil, err
	}
	l := &fileLock{f}
	if !hold(f) || !l.mine() {
		f.Close()
		return nil, errLocked
	}
	now := time.Now()
	if err := os.Chtimes(path, now, now); err != nil { // nobody else's, for another while
		f.Close()
		return nil, fmt.Errorf("lock file: %w", err)
	}
	return l, nil
}

// leftBehind opens a lock file that may be stale.
func leftBehind(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errLocked // until just now
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("lock file %s is no plain file: remove it", path)
	case time.Since(info.ModTime()) < staleLock:
		return nil, errLocked
	}
	f, err := os.OpenFile(path, os.O_RDONLY, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errLocked
	case errors.Is(err, fs.ErrPermission): // NUT's have no permissions: only root opens them
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("stale lock file: %w", err)
		}
		return nil, errLocked
	}
	return f, err
}

// mine tells whether the file is still the one at its path.
func (l *fileLock) mine() bool {
	have, err := l.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(l.file.Name())
	return err == nil && os.SameFile(have, there)
}

// release gives the lock back.
func (l *fileLock) release() {
	if l.mine() {
		os.Remove(l.file.Name()) //nolint:errcheck // a stale lock is taken over
	}
	l.file.Close()
}
