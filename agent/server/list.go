package server

import (
	"strconv"

	"github.com/wattnut/wattnut/nut"
)

// The longest lists of a UPS under its configured name, which is how nearly all
// clients spell it, are rendered once for each snapshot. They are empty where
// the name is too long for a line.
var (
	vars       = nut.NewMemo(func(s *nut.Snapshot) []byte { return renderVars(s, "") })
	forcedVars = nut.NewMemo(func(s *nut.Snapshot) []byte { return renderVars(s, forced) })
)

func renderVars(s *nut.Snapshot, latched string) []byte {
	all, _ := appendList(nil, "VAR", []string{s.UPS}, varRows(s, s.UPS, latched))
	return all
}

// appendList appends a list: its first line, what rows appends, its last line.
func appendList[T text](dst []byte, what string, names []T, rows func([]byte) []byte) ([]byte, error) {
	start := len(dst)
	dst = appendFrame(dst, "BEGIN LIST ", what, names)
	if err := fits(dst, start); err != nil {
		return dst[:start], err
	}
	return appendFrame(rows(dst), "END LIST ", what, names), nil
}

func appendFrame[T text](dst []byte, edge, what string, names []T) []byte {
	dst = appendNames(append(dst, edge...), what, names...)
	dst[len(dst)-1] = '\n'
	return dst
}

// list answers with a list that nobody keeps.
func (s *session) list(what string, names [][]byte, rows func([]byte) []byte) (err error) {
	s.out, err = appendList(s.out, what, names, rows)
	return err
}

func (s *session) listVar(args [][]byte) error {
	u, snap, err := s.facts(args[0])
	if err != nil {
		return err
	}
	memo, latched := vars, ""
	if u.Forced() {
		memo, latched = forcedVars, forced
	}
	if string(args[0]) != snap.UPS {
		return s.list("VAR", args[:1], varRows(snap, args[0], latched))
	}
	all := memo.Of(snap)
	if len(all) == 0 {
		return errTooLong
	}
	s.out = append(s.out, all...)
	return nil
}

// varRows is one row for each variable, with latched in front of the status. A
// row whose names are too long for a line is left out, here and below: no
// client could read it.
func varRows[T text](snap *nut.Snapshot, ups T, latched string) func([]byte) []byte {
	return func(dst []byte) []byte {
		for v := range snap.Variables() {
			prefix := ""
			if v.Name.Equal("ups.status") {
				prefix = latched
			}
			dst, _ = appendFact(dst, "VAR", ups, string(v.Name), prefix, v.Value)
		}
		return dst
	}
}

func (s *session) listRW(args [][]byte) error {
	_, snap, err := s.facts(args[0])
	if err != nil {
		return err
	}
	return s.list("RW", args[:1], func(dst []byte) []byte {
		for v := range snap.Variables() {
			if v.Writable {
				dst, _ = appendFact(dst, "RW", args[0], string(v.Name), "", v.Value)
			}
		}
		return dst
	})
}

func (s *session) listCmd(args [][]byte) error {
	_, snap, err := s.facts(args[0])
	if err != nil {
		return err
	}
	return s.list("CMD", args[:1], func(dst []byte) []byte {
		for c := range snap.Commands() {
			dst = appendRow(dst, "CMD", args[0], string(c))
		}
		return dst
	})
}

func (s *session) listEnum(args [][]byte) error {
	_, v, err := s.variable(args[0], args[1])
	if err != nil {
		return err
	}
	return s.list("ENUM", args[:2], func(dst []byte) []byte {
		for _, value := range v.Enum {
			dst, _ = appendFact(dst, "ENUM", args[0], args[1], "", value)
		}
		return dst
	})
}

func (s *session) listRange(args [][]byte) error {
	_, v, err := s.variable(args[0], args[1])
	if err != nil {
		return err
	}
	return s.list("RANGE", args[:2], func(dst []byte) []byte {
		for _, r := range v.Ranges {
			start := len(dst)
			dst = append(appendNames(dst, "RANGE", args[0], args[1]), '"')
			dst = append(strconv.AppendInt(dst, int64(r.Min), 10), `" "`...)
			dst = append(strconv.AppendInt(dst, int64(r.Max), 10), "\"\n"...)
			if fits(dst, start) != nil {
				dst = dst[:start]
			}
		}
		return dst
	})
}

func (s *session) listClient(args [][]byte) error {
	u, err := s.ups(args[0])
	if err != nil {
		return err
	}
	return s.list("CLIENT", args[:1], func(dst []byte) []byte {
		for _, address := range u.Clients() {
			dst = appendRow(dst, "CLIENT", []byte(u.Name), address)
		}
		return dst
	})
}

// appendRow appends a row of words that need no quotes.
func appendRow(dst []byte, word string, ups []byte, name string) []byte {
	start := len(dst)
	dst = append(append(appendNames(dst, word, ups), name...), '\n')
	if fits(dst, start) != nil {
		return dst[:start]
	}
	return dst
}

func (s *session) listUPS([][]byte) error {
	return s.list("UPS", nil, func(dst []byte) []byte {
		for _, u := range s.server.Store.All() {
			text := u.Desc()
			if text == "" {
				text = noDescription
			}
			start := len(dst)
			row, err := appendText(appendNames(dst, "UPS", u.Name), start, text)
			if err == nil {
				dst = row
			}
		}
		return dst
	})
}
