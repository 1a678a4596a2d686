package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/nut/conf"
)

// errOtherwise closes what is told of an agent that cannot be its user's.
var errOtherwise = errors.New("or name another user by RUN_AS_USER in upsmon.conf, or start the agent with -p, which leaves root's rights to all of it")

// unfit tells what keeps the user that the guard has given to the agent from
// being the agent, and what to do about it; nil for nothing.
func unfit(cfg *config.Config, _ *config.Report) error {
	me, group := whoIsThis()
	var all []error
	for _, f := range []*conf.Format{conf.UPSConf, conf.UPSDConf, conf.UPSDUsers, conf.UPSMonConf} {
		path := filepath.Join(cfg.Dir, f.Name)
		if err := tryRead(path); errors.Is(err, fs.ErrPermission) {
			all = append(all, fmt.Errorf("%[1]s: the agent runs as %[2]s, who may not read it: chgrp %[3]s %[1]s, and chmod g+r %[1]s", path, me, group))
		}
	}
	if err := tryWrite(cfg.StateDir); err != nil {
		all = append(all, fmt.Errorf("state folder %[1]s: the agent runs as %[2]s, who may not write there (%[3]w): chgrp %[4]s %[1]s, and chmod g+rwx %[1]s",
			cfg.StateDir, me, err, group))
	}
	if len(all) == 0 {
		return nil
	}
	return errors.Join(append(all, errOtherwise)...)
}

// tellUsers tells of drivers that cannot be run as the users that ups.conf has
// for them.
func tellUsers(cfg *config.Config, log *slog.Logger) {
	me, _ := whoIsThis()
	for _, u := range cfg.UPSes {
		if u.User != "" && u.User != me {
			log.Warn("the agent has no right to run a driver as its user: with -p it has", "ups", u.Name, "user", u.User, "runs_as", me)
		}
	}
}

// whoIsThis is the user of this process, and the user's group, by name where
// they have one.
func whoIsThis() (name, group string) {
	u, err := user.LookupId(strconv.Itoa(os.Geteuid())) // who it is now, not who it began as
	if err != nil {
		return fmt.Sprintf("user %d", os.Getuid()), fmt.Sprint(os.Getgid())
	}
	if g, err := user.LookupGroupId(u.Gid); err == nil {
		return u.Username, g.Name
	}
	return u.Username, u.Gid
}

func tryRead(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}

// tryWrite makes a file in a folder, and removes it.
func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".wattnut-")
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			return pe.Err
		}
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
