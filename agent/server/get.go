package server

import (
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/wire"
)

// What stands where nobody wrote a description.
const (
	noDescription = "Description unavailable"
	noUPSDesc     = "Unavailable"
)

func (s *session) getVar(args [][]byte) error {
	ups, name := args[0], args[1]
	if len(name) > len(serverPrefix) && wire.Is(name[:len(serverPrefix)], serverPrefix) {
		return s.getServerVar(ups, name)
	}
	u, v, err := s.variable(ups, name)
	if err != nil {
		return err
	}
	s.out, err = appendFact(s.out, "VAR", ups, name, latch(u, v.Name), v.Value)
	return err
}

// serverPrefix begins the variables of the server itself, in upper case.
const serverPrefix = "SERVER."

// getServerVar answers for the server itself, whatever UPS is asked. It repeats
// the name in lower case.
func (s *session) getServerVar(ups, name []byte) (err error) {
	switch {
	case wire.Is(name, "SERVER.INFO"):
		s.out, err = appendFact(s.out, "VAR", ups, "server.info", "", s.server.banner())
	case wire.Is(name, "SERVER.VERSION"):
		s.out, err = appendFact(s.out, "VAR", ups, "server.version", "", s.server.Version)
	default:
		return nut.ErrVarNotSupported
	}
	return err
}

func (s *session) getType(args [][]byte) error {
	_, v, err := s.variable(args[0], args[1])
	if err != nil {
		return err
	}
	start := len(s.out)
	s.out = appendNames(s.out, "TYPE", args[0], args[1])
	if v.Writable {
		s.out = append(s.out, "RW "...)
	}
	if len(v.Enum) > 0 {
		s.out = append(s.out, "ENUM "...)
	}
	if len(v.Ranges) > 0 {
		s.out = append(s.out, "RANGE "...)
	}
	if v.Text {
		s.out = strconv.AppendInt(append(s.out, "STRING:"...), int64(v.MaxLen), 10)
	} else {
		s.out = append(s.out, "NUMBER"...)
	}
	s.out = append(s.out, '\n')
	return fits(s.out, start)
}

func (s *session) getDesc(args [][]byte) error {
	name := nut.Name(args[1])
	if d := s.server.Descriptions; d != nil {
		return s.describe("DESC", args, d.Variable(local(name)))
	}
	return s.describe("DESC", args, "")
}

func (s *session) getCmdDesc(args [][]byte) error {
	name := nut.Name(args[1])
	if d := s.server.Descriptions; d != nil {
		return s.describe("CMDDESC", args, d.Command(local(name)))
	}
	return s.describe("CMDDESC", args, "")
}

// local is a name without the prefix it has where it comes from another server.
func local(name nut.Name) nut.Name {
	const upstream = "upstream."
	if len(name) > len(upstream) && name[:len(upstream)].Equal(upstream) {
		return name[len(upstream):]
	}
	return name
}

// describe answers with a description; whether the UPS has what is described
// is not asked.
func (s *session) describe(word string, args [][]byte, text string) error {
	if _, _, err := s.facts(args[0]); err != nil {
		return err
	}
	if text == "" {
		text = noDescription
	}
	start := len(s.out)
	out, err := appendText(appendNames(s.out, word, args[0], args[1]), start, text)
	s.out = out
	return err
}

func (s *session) getUPSDesc(args [][]byte) error {
	u, err := s.ups(args[0])
	if err != nil {
		return err
	}
	text := u.Desc()
	if text == "" {
		text = noUPSDesc
	}
	start := len(s.out)
	s.out, err = appendText(appendNames(s.out, "UPSDESC", args[0]), start, text)
	return err
}

func (s *session) getNumLogins(args [][]byte) error { return s.logins("NUMLOGINS", args[0]) }
func (s *session) getNumAttach(args [][]byte) error { return s.logins("NUMATTACH", args[0]) }

func (s *session) logins(word string, ups []byte) error {
	u, _, err := s.facts(ups)
	if err != nil {
		return err
	}
	return s.say(word, string(ups), strconv.Itoa(u.Logins()))
}

func (s *session) version([][]byte) error  { return s.say(s.server.banner()) }
func (s *session) protocol([][]byte) error { return s.say("1.3") }

func (s *session) help([][]byte) error {
	return s.say("Commands: HELP VER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS")
}

// banner is the server in one line.
func (s *Server) banner() string {
	return "wattnut " + strings.TrimSpace(s.Version) + " - https://github.com/wattnut/wattnut"
}
