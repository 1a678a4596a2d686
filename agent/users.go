package agent

import (
	"crypto/sha256"
	"crypto/subtle"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/server"
	"github.com/wattnut/wattnut/nut"
)

// users is [server.Users] over a user file that a reload replaces.
type users struct{ file atomic.Pointer[userFile] }

type userFile struct {
	byName map[string]config.User
	// proven holds, by user, the digest of the password that a bcrypt hash was
	// found to be of: each privileged command asks anew, and the hash is made
	// to be slow.
	proven sync.Map
}

func (u *users) set(all []config.User) {
	f := &userFile{byName: make(map[string]config.User, len(all))}
	for _, user := range all {
		f.byName[user.Name] = user
	}
	u.file.Store(f)
}

// Authenticate implements [server.Users].
func (u *users) Authenticate(name, password string) (server.Rights, bool) {
	f := u.file.Load()
	user, ok := f.byName[name]
	if !ok || !f.matches(user, password) {
		return server.Rights{}, false
	}
	return server.Rights{
		Login: user.Login, Primary: user.Primary, FSD: user.FSD, Set: user.Set,
		AllCommands: user.AllCommands, Commands: user.Commands,
	}, true
}

// matches compares in a time that does not tell how much was right. Who has no
// password is matched by none.
func (f *userFile) matches(user config.User, password string) bool {
	digest := sha256.Sum256([]byte(password))
	switch want := []byte(user.Password); {
	case len(want) == 0:
		return false
	case !hashed(want):
		wanted := sha256.Sum256(want)
		return subtle.ConstantTimeCompare(wanted[:], digest[:]) == 1
	default:
		if known, ok := f.proven.Load(user.Name); ok && known == digest {
			return true
		}
		if bcrypt.CompareHashAndPassword(want, []byte(password)) != nil {
			return false
		}
		f.proven.Store(user.Name, digest)
		return true
	}
}

// hashed tells whether a password is a bcrypt hash.
func hashed(password []byte) bool {
	_, err := bcrypt.Cost(password)
	return err == nil && password[0] == '$'
}

// vocabulary is [server.Descriptions] over the built-in words.
type vocabulary struct{}

// Variable implements [server.Descriptions].
func (vocabulary) Variable(name nut.Name) string {
	if e, ok := nut.Describe(name); ok {
		return e.Text
	}
	return ""
}

// Command implements [server.Descriptions].
func (vocabulary) Command(name nut.Name) string {
	if e, ok := nut.DescribeCommand(name); ok {
		return e.Text
	}
	return ""
}
