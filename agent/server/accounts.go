package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/bcrypt"
)

// Accounts is a user file in memory. The zero Accounts has no users. It may be
// replaced while it is in use.
type Accounts struct {
	byName atomic.Pointer[map[string]Account]
}

// Account is one user.
type Account struct {
	Name string
	// Password is in clear, or a bcrypt hash ("$2a$", "$2b$" or "$2y$").
	// No password matches "".
	Password string
	Rights   Rights
}

// Replace makes all the users there are. Of several of one name the first
// counts, as for upsd.
func (a *Accounts) Replace(all []Account) {
	byName := make(map[string]Account, len(all))
	for _, u := range all {
		if _, ok := byName[u.Name]; !ok {
			byName[u.Name] = u
		}
	}
	a.byName.Store(&byName)
}

// Authenticate is [Users.Authenticate]. Names and passwords are compared with
// regard to case.
func (a *Accounts) Authenticate(user, password string) (Rights, bool) {
	all := a.byName.Load()
	if all == nil {
		return Rights{}, false
	}
	u, ok := (*all)[user]
	if !matches(u.Password, password) || !ok {
		return Rights{}, false
	}
	return u.Rights, true
}

func matches(kept, given string) bool {
	if isHash(kept) {
		return bcrypt.CompareHashAndPassword([]byte(kept), []byte(given)) == nil
	}
	a, b := sha256.Sum256([]byte(kept)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && kept != ""
}

func isHash(password string) bool {
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		if strings.HasPrefix(password, prefix) {
			return true
		}
	}
	return false
}
