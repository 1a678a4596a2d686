package snmp

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Recording is the objects of an agent, as they were read. Its text form is the
// snmprec of snmpsim: one "OID|type|value" a line, in the agent's order, so that
// snmpsim can serve what was recorded here and the other way round.
//
// The zero Recording is empty and ready. It belongs to one goroutine.
type Recording struct {
	values map[string]Value
	order  []place // the keys in the agent's order; nil when it must be made anew
}

// place is an OID with its numbers, to be compared.
type place struct {
	oid   string
	parts []uint32
}

// maxRecording is how many objects are read from a file.
const maxRecording = 200_000

// types are the type numbers of snmprec: those of BER.
var types = map[string]Kind{
	"2": Integer, "4": Octets, "4x": Octets, "6": Object, "64": Octets,
	"65": Counter, "66": Unsigned, "67": Ticks, "68": Octets, "70": Counter,
}

// ReadRecording reads the text form. Values that snmpsim would make up
// ("2:numeric|…") are refused.
func ReadRecording(r io.Reader) (*Recording, error) {
	recording := &Recording{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(recording.values) == maxRecording {
			return nil, fmt.Errorf("line %d: more than %d objects", n, maxRecording)
		}
		v, err := parseRecord(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		recording.Put(v)
	}
	return recording, lines.Err()
}

func parseRecord(line string) (Value, error) {
	words := strings.SplitN(line, "|", 3)
	if len(words) != 3 {
		return Value{}, fmt.Errorf("%q is not OID|type|value", line)
	}
	v := Value{OID: strings.TrimPrefix(words[0], "."), Text: words[2]}
	if _, ok := ParseOID(v.OID); !ok {
		return Value{}, fmt.Errorf("%q is no OID", words[0])
	}
	kind, ok := types[words[1]]
	if !ok {
		return Value{}, fmt.Errorf("%q is no type that can be played", words[1])
	}
	v.Kind = kind
	switch {
	case words[1] == "4x":
		text, err := hex.DecodeString(v.Text)
		if err != nil {
			return Value{}, fmt.Errorf("%s: %w", v.OID, err)
		}
		v.Text = string(text)
	case kind == Object:
		if _, ok := ParseOID(v.Text); !ok {
			return Value{}, fmt.Errorf("%s: %q is no OID", v.OID, v.Text)
		}
	case kind != Octets:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil {
			return Value{}, fmt.Errorf("%s: %q is no number", v.OID, v.Text)
		}
		v.Number, v.Text = n, ""
	}
	return v, nil
}

// Put adds an object, or replaces the one of its OID. An Absent one is removed.
func (r *Recording) Put(v Value) {
	if v.Kind == Absent {
		delete(r.values, v.OID)
		r.order = nil
		return
	}
	if _, ok := r.values[v.OID]; !ok {
		if r.values == nil {
			r.values = make(map[string]Value)
		}
		r.order = nil
	}
	r.values[v.OID] = v
}

// Set puts an object where one of the same kind is, and tells whether it could.
func (r *Recording) Set(v Value) bool {
	if v.Kind == Absent || r.Get(v.OID).Kind != v.Kind {
		return false
	}
	r.Put(v)
	return true
}

// Get returns an object, Absent if there is none.
func (r *Recording) Get(oid string) Value {
	if v, ok := r.values[oid]; ok {
		return v
	}
	return Value{OID: oid}
}

// Next returns the object after an OID that need not be there, Absent at the end.
func (r *Recording) Next(oid string) Value {
	r.sort()
	parts, _ := ParseOID(oid)
	at, found := slices.BinarySearchFunc(r.order, parts, func(p place, parts []uint32) int {
		return slices.Compare(p.parts, parts)
	})
	if found {
		at++
	}
	if at == len(r.order) {
		return Value{OID: oid}
	}
	return r.values[r.order[at].oid]
}

func (r *Recording) sort() {
	if r.order != nil {
		return
	}
	for oid := range r.values {
		parts, _ := ParseOID(oid)
		r.order = append(r.order, place{oid, parts})
	}
	slices.SortFunc(r.order, func(a, b place) int { return slices.Compare(a.parts, b.parts) })
}

// WriteTo writes the text form.
func (r *Recording) WriteTo(w io.Writer) (int64, error) {
	r.sort()
	var written int64
	for _, p := range r.order {
		n, err := io.WriteString(w, record(r.values[p.oid]))
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func record(v Value) string {
	kind, text := "4", v.Text
	switch v.Kind {
	case Integer:
		kind, text = "2", strconv.FormatInt(v.Number, 10)
	case Unsigned:
		kind, text = "66", strconv.FormatInt(v.Number, 10)
	case Counter:
		kind, text = "65", strconv.FormatInt(v.Number, 10)
	case Ticks:
		kind, text = "67", strconv.FormatInt(v.Number, 10)
	case Object:
		kind = "6"
	default:
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			kind, text = "4x", hex.EncodeToString([]byte(text))
		}
	}
	return v.OID + "|" + kind + "|" + text + "\n"
}
