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

// Becoming finds the named user now, and returns what makes this process one of
// that user later, with its groups, for good: in another root folder nobody may
// know the name. A process that is not root's stays whose it is.
func Becoming(name string) (become func() error, err error) {
	_, c, err := Identity(name)
	if err != nil {
		return nil, err
	}
	return func() error { return assume(name, c) }, nil
}

func assume(name string, c *syscall.Credential) error {
	if os.Geteuid() != 0 {
		return nil
	}
	groups := make([]int, len(c.Groups))
	for i, g := range c.Groups {
		groups[i] = int(g)
	}
	for _, step := range []func() error{
		func() error { return syscall.Setgroups(groups) },
		func() error { return syscall.Setgid(int(c.Gid)) },
		func() error { return syscall.Setuid(int(c.Uid)) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("become user %s: %w", name, err)
		}
	}
	return nil
}

// Identity finds the named user, and the credential that makes a process its,
// with its groups.
func Identity(name string) (*user.User, *syscall.Credential, error) {
	u, err := user.Lookup(name)
	if _, unknown := errors.AsType[user.UnknownUserError](err); unknown {
		return nil, nil, fmt.Errorf("user %s not found", name)
	}
	if err != nil {
		return nil, nil, err
	}
	texts, err := u.GroupIds()
	if err != nil {
		return nil, nil, fmt.Errorf("groups of %s: %w", name, err)
	}
	ids, err := numbers(append(texts, u.Gid, u.Uid)...)
	if err != nil {
		return nil, nil, fmt.Errorf("user %s: %w", name, err)
	}
	n := len(texts)
	return u, &syscall.Credential{Groups: ids[:n:n], Gid: ids[n], Uid: ids[n+1]}, nil
}

func numbers(texts ...string) ([]uint32, error) {
	ids := make([]uint32, len(texts))
	for i, text := range texts {
		id, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return nil, err
		}
		ids[i] = uint32(id)
	}
	return ids, nil
}
