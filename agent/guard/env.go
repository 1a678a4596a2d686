package guard

import (
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// childEnv returns the environment for an agent that is given so many sockets of
// systemd's: that of the guard without what is about the guard's own process, and,
// where the agent is another user's, without what is about the person who started
// the guard. u is that user; nil for the same.
func childEnv(env []string, u *user.User, sockets int) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return ofProcess(name) || u != nil && ofPerson(name)
	})
	if u != nil {
		env = append(env, "HOME="+u.HomeDir, "USER="+u.Username, "LOGNAME="+u.Username, "SHELL=/bin/sh")
	}
	if sockets > 0 {
		env = append(env, socketsVar+"="+strconv.Itoa(sockets))
	}
	return append(env, childVar+"=1")
}

// ofProcess tells whether a variable speaks of descriptors, or of a process
// number, that are not the agent's.
func ofProcess(name string) bool {
	return name == childVar || name == "WATCHDOG_PID" || strings.HasPrefix(name, "LISTEN_")
}

// ofPerson tells whether a variable speaks of a user's home, session or shell.
func ofPerson(name string) bool {
	switch name {
	case "HOME", "USER", "LOGNAME", "SHELL", "MAIL", "PWD", "OLDPWD", "ENV", "BASH_ENV", "IFS", "DBUS_SESSION_BUS_ADDRESS":
		return true
	}
	return slices.ContainsFunc([]string{"LD_", "SSH_", "SUDO_", "XDG_"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}
