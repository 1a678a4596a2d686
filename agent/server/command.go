package server

import (
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// command is one row of what a client may ask.
type command struct {
	word string
	sub  string // the word behind it, if one is part of the command
	need        // what it asks of the client
	min  int    // words behind word and sub
	max  int    // or any, the surplus ignored
	// run appends the answer to s.out, or returns the nut.Error that is the
	// answer.
	run func(s *session, args [][]byte) error
}

// need is what a client must have done before it may give a command.
type need uint8

const (
	nothing     need = iota
	credentials      // USERNAME and PASSWORD, whatever they were
	reading          // nothing, unless the policy is NoAnonymous
)

const many = wire.MaxWords

// unknown is the row of commands that there are not.
const unknown = 0

// commands is the protocol (RFC 9271 section 4.2). The most frequent come
// first. ATTACH, DETACH and NUMATTACH are the RFC's names for what clients
// call LOGIN, LOGOUT and NUMLOGINS.
var commands = []command{
	unknown: {"", "", nothing, 0, many, nil},
	{"GET", "VAR", reading, 2, many, (*session).getVar},
	{"LIST", "VAR", reading, 1, many, (*session).listVar},
	{"GET", "TYPE", reading, 2, many, (*session).getType},
	{"GET", "DESC", reading, 2, many, (*session).getDesc},
	{"GET", "CMDDESC", reading, 2, many, (*session).getCmdDesc},
	{"GET", "UPSDESC", reading, 1, many, (*session).getUPSDesc},
	{"GET", "NUMLOGINS", reading, 1, many, (*session).getNumLogins},
	{"GET", "NUMATTACH", reading, 1, many, (*session).getNumAttach},
	{"GET", "TRACKING", reading, 0, many, (*session).getTracking},
	{"LIST", "UPS", reading, 0, many, (*session).listUPS},
	{"LIST", "RW", reading, 1, many, (*session).listRW},
	{"LIST", "CMD", reading, 1, many, (*session).listCmd},
	{"LIST", "ENUM", reading, 2, many, (*session).listEnum},
	{"LIST", "RANGE", reading, 2, many, (*session).listRange},
	{"LIST", "CLIENT", reading, 1, many, (*session).listClient},
	{"USERNAME", "", nothing, 1, 1, (*session).setUser},
	{"PASSWORD", "", nothing, 1, 1, (*session).setPassword},
	{"STARTTLS", "", nothing, 0, many, (*session).startTLS},
	{"LOGIN", "", credentials, 1, 1, (*session).logIn},
	{"ATTACH", "", credentials, 1, 1, (*session).logIn},
	{"LOGOUT", "", nothing, 0, 0, (*session).logOut},
	{"DETACH", "", nothing, 0, 0, (*session).logOut},
	{"PRIMARY", "", credentials, 1, 1, (*session).primary},
	{"MASTER", "", credentials, 1, 1, (*session).master},
	{"FSD", "", credentials, 1, 1, (*session).forceShutdown},
	{"SET", "VAR", credentials, 3, many, (*session).setVar},
	{"SET", "TRACKING", credentials, 1, many, (*session).setTracking},
	{"INSTCMD", "", credentials, 2, 3, (*session).instCmd},
	{"VER", "", nothing, 0, 0, (*session).version},
	{"PROTVER", "", nothing, 0, 0, (*session).protocol},
	{"NETVER", "", nothing, 0, 0, (*session).protocol},
	{"HELP", "", nothing, 0, 0, (*session).help},
}

// find returns the row for a line and how many words name it. For a known word
// with a second one that does not fit there is no row but the word's need.
func find(words [][]byte) (row, named int, must need) {
	if len(words) == 0 {
		return unknown, 0, nothing
	}
	for i := range commands[1:] {
		c := &commands[i+1]
		switch {
		case !wire.Is(words[0], c.word):
		case c.sub == "":
			return i + 1, 1, c.need
		case len(words) > 1 && wire.Is(words[1], c.sub):
			return i + 1, 2, c.need
		default:
			named, must = 1, c.need
		}
	}
	return unknown, named, must
}

// execute carries out one line. rest is how many bytes came behind it in the
// same reading.
func (s *session) execute(words [][]byte, rest int) {
	row, named, must := find(words)
	s.rest = rest
	start := len(s.out)
	if err := s.run(row, named, must, words); err != nil {
		s.out = s.out[:start]
		s.refuse(row, err)
		return
	}
	s.server.stats.count(row, nil)
}

// run checks what comes before the command itself, in upsd's order.
func (s *session) run(row, named int, must need, words [][]byte) error {
	c := &commands[row]
	if s.policy.TLSRequired && !s.secure && c.word != "STARTTLS" {
		return nut.ErrTLSNotEnabled
	}
	if row == unknown && named == 0 {
		return nut.ErrUnknownCommand
	}
	if err := s.meets(must); err != nil {
		return err
	}
	args := words[named:]
	if row == unknown || len(args) < c.min || len(args) > c.max {
		return nut.ErrInvalidArgument
	}
	return c.run(s, args)
}

// refuse answers with an error.
func (s *session) refuse(row int, err error) {
	word := errorWord(err)
	s.out = append(s.out, "ERR "...)
	s.out = append(s.out, word...)
	s.out = append(s.out, '\n')
	s.server.stats.count(row, err)
}
