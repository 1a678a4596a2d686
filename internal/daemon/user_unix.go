//go:build unix

package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// Become makes this process one of the named user, with its groups, for good.
// A process that is not root's stays whose it is.
func Become(name string) error {
	u, err := user.Lookup(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); unknown {
		return fmt.Errorf("user %s not found", name)
	}
	if err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return nil
	}
	texts, err := u.GroupIds()
	if err != nil {
		return fmt.Errorf("groups of %s: %w", name, err)
	}
	ids, err := numbers(append(texts, u.Gid, u.Uid)...)
	if err != nil {
		return fmt.Errorf("user %s: %w", name, err)
	}
	groups, gid, uid := ids[:len(texts)], ids[len(texts)], ids[len(texts)+1]
	for _, step := range []func() error{
		func() error { return syscall.Setgroups(groups) },
		func() error { return syscall.Setgid(gid) },
		func() error { return syscall.Setuid(uid) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("become user %s: %w", name, err)
		}
	}
	return nil
}

func numbers(texts ...string) ([]int, error) {
	ids := make([]int, len(texts))
	for i, text := range texts {
		var err error
		if ids[i], err = strconv.Atoi(text); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
