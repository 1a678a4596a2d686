package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wattnut/wattnut/nut/conf"
)

// dirs finds the folders for sockets and PID files.
func (l *loader) dirs(global *conf.Section) {
	c := l.config
	for _, candidate := range []struct{ by, dir string }{
		{"WATTNUT_STATE_DIR", c.Env.StateDir},
		{"NUT_STATEPATH", os.Getenv("NUT_STATEPATH")},
		{"ups.conf", last(global, "statepath")},
		{"upsd.conf", l.state},
		{"built-in", builtInState("/run")},
	} {
		if candidate.dir != "" {
			c.StateBy, c.StateDir = candidate.by, candidate.dir
			break
		}
	}
	c.PIDDir = cmp.Or(os.Getenv("NUT_PIDPATH"), "/run")
	c.AltPID = cmp.Or(os.Getenv("NUT_ALTPIDPATH"), c.StateDir)
}

// MakeStateDir makes StateDir where it is missing: for this user and group only,
// since who can reach a driver's socket there can command its UPS.
func (c *Config) MakeStateDir() error {
	if err := os.MkdirAll(c.StateDir, 0o770); err != nil {
		return fmt.Errorf("state folder %s (from %s): %w", c.StateDir, c.StateBy, err)
	}
	return nil
}

// builtInState is the state folder where nothing names one: nut in run, which
// is /run, if there is one, else wattnut there; and where this user may write
// to neither, wattnut in a folder of the user's own.
func builtInState(run string) string {
	for _, dir := range []string{filepath.Join(run, "nut"), filepath.Join(run, "wattnut")} {
		if _, err := os.Stat(dir); err == nil && writable(dir) {
			return dir
		}
	}
	if writable(run) {
		return filepath.Join(run, "wattnut")
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "wattnut")
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "wattnut")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("wattnut-%d", os.Getuid()))
}
