package server

import (
	"errors"
	"strings"
	"sync/atomic"

	"github.com/wattnut/wattnut/nut"
)

// Stats is what a server did since it began, for metrics.
type Stats struct {
	Connections      int    // open now
	Accepted         uint64 // connections that got a session
	Refused          uint64 // connections over a limit
	TimedOut         uint64 // clients that were silent or did not read
	HandshakesFailed uint64 // of TLS
	AuthFailures     uint64 // wrong users or passwords, at the command that showed it
	Requests         []RequestCount
}

// RequestCount is how often a command had a result. Those that never had are
// left out.
type RequestCount struct {
	Command string // "GET VAR"; "" where there is no such command
	Result  string // "OK", or the word behind ERR
	Count   uint64
}

// Stats returns the counts of now. It may be called at any time.
func (s *Server) Stats() Stats {
	all := Stats{
		Connections:      s.clients.count(),
		Accepted:         s.stats.accepted.Load(),
		Refused:          s.stats.refused.Load(),
		TimedOut:         s.stats.timeouts.Load(),
		HandshakesFailed: s.stats.handshakesFailed.Load(),
		AuthFailures:     s.stats.authFailures.Load(),
	}
	for row := range s.stats.requests {
		for result := range s.stats.requests[row] {
			if n := s.stats.requests[row][result].Load(); n > 0 {
				c := commands[row]
				all.Requests = append(all.Requests, RequestCount{
					strings.TrimSpace(c.word + " " + c.sub), results[result], n,
				})
			}
		}
	}
	return all
}

// results are the words that are counted; the first is success, the last
// stands for all others.
var results = []string{
	"OK",
	string(nut.ErrAccessDenied), string(nut.ErrUnknownUPS), string(nut.ErrVarNotSupported), string(nut.ErrCmdNotSupported),
	string(nut.ErrInvalidArgument), string(nut.ErrInstcmdFailed), string(nut.ErrSetFailed), string(nut.ErrReadonly),
	string(nut.ErrTooLong), string(nut.ErrInvalidValue), string(nut.ErrFeatureNotConfigured), string(nut.ErrDriverNotConnected),
	string(nut.ErrDataStale), string(nut.ErrAlreadyLoggedIn), string(nut.ErrAlreadySetUsername), string(nut.ErrAlreadySetPassword),
	string(nut.ErrAlreadySSLMode), string(nut.ErrUsernameRequired), string(nut.ErrPasswordRequired), string(nut.ErrUnknownCommand),
	string(nut.ErrTLSNotEnabled), string(nut.ErrUnknown), string(nut.ErrFailed),
}

const (
	mostCommands = 40
	mostResults  = 24
)

// stats counts. The zero stats is ready.
type stats struct {
	accepted, refused, timeouts, handshakesFailed, authFailures atomic.Uint64

	requests [mostCommands][mostResults]atomic.Uint64
}

// count notes what came of a request.
func (s *stats) count(row int, err error) {
	result := 0
	if err != nil {
		result = resultOf(err)
	}
	s.requests[row][result].Add(1)
}

func resultOf(err error) int {
	word, _ := errors.AsType[nut.Error](err)
	for i, r := range results {
		if r == string(word) {
			return i
		}
	}
	return len(results) - 1
}
