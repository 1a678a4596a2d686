package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// What PROTOCOL items 137 to 139 and the recorded odd servers show. A list
// that is not whole must be an error.
func TestViolations(t *testing.T) {
	const begin, end = "BEGIN LIST VAR u\n", "END LIST VAR u\n"
	row := "VAR u a.a \"1\"\n"
	for _, tt := range []struct{ name, answer, problem string }{
		{"another list", "BEGIN LIST RW u\nEND LIST RW u\n", "not the beginning of this list"},
		{"another UPS's list", "BEGIN LIST VAR v\nEND LIST VAR v\n", "not the beginning of this list"},
		{"no BEGIN", row + end, "not the beginning of this list"},
		{"more behind BEGIN", "BEGIN LIST VAR u x\n" + end, "not the beginning of this list"},
		{"empty line", "\n", "not the beginning of this list"},
		{"row of another UPS", begin + "VAR v a.a \"1\"\n" + end, "not a row of this list"},
		{"row of another list", begin + "RW u a.a \"1\"\n" + end, "not a row of this list"},
		{"empty row", begin + "\n" + end, "not a row of this list"},
		{"END of another list", begin + row + "END LIST VAR v\n", "not a row of this list"},
		{"END of another kind", begin + row + "END LIST RW u\n", "not a row of this list"},
		{"half an END", begin + row + "END LIST\n", "not a row of this list"},
		{"more behind END", begin + row + "END LIST VAR u x\n", "not a row of this list"},
		{"row without value", begin + "VAR u a.a\n" + end, "malformed row"},
		{"OK in a list", begin + "OK\n" + end, "not a row of this list"},
		{"error in a list", begin + row + "ERR DATA-STALE\n", "an error inside a list"},
		{"error without a word", "ERR\n", "an error without its name"},
		{"open quote", begin + "VAR u a.a \"1\n" + end, "a quote is not closed"},
		{"# in quotes", begin + "VAR u a.a \"1#2\"\n" + end, "needs a backslash"},
		{"backslash at the end", begin + "VAR u a.a 1\\\n" + end, "ends in a backslash"},
		{"long line", begin + "VAR u a.a \"" + strings.Repeat("v", 5000) + "\"\n" + end, "longer than 1000 bytes"},
		{"endless line", strings.Repeat("v", 10000), "longer than 1000 bytes"},
		{"many rows", begin + strings.Repeat(row, 12) + end, "longer than 10 rows"},
		{"many bytes", begin + strings.Repeat("VAR u a \""+strings.Repeat("v", 900)+"\"\n", 9) + end, "longer than 5000 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := &client.Options{MaxLine: 1000, MaxRows: 10, MaxList: 5000}
			list, c, err := ask(t, client.ListVar("u"), tt.answer, opts)
			violation, ok := errors.AsType[*client.ProtocolError](err)
			if !ok || !strings.Contains(violation.Problem, tt.problem) {
				t.Fatalf("got %v, want a violation: %s", err, tt.problem)
			}
			if list != nil {
				t.Errorf("and a list: %q", list)
			}
			if len(violation.Line) > 200 || !strings.HasPrefix(violation.Error(), "LIST VAR u: ") {
				t.Errorf("error %q", violation)
			}
			if _, err := c.GetVar(t.Context(), "u", "a.a"); !errors.Is(err, client.ErrUnusable) || !errors.Is(err, violation) {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

func TestErrorInsideListIsKept(t *testing.T) {
	_, _, err := ask(t, client.ListCmd("u"), "BEGIN LIST CMD u\nERR DATA-STALE\n", nil)
	if !errors.Is(err, nut.ErrDataStale) {
		t.Errorf("got %v", err)
	}
}

func TestCutAnswers(t *testing.T) {
	for _, answer := range []string{
		"", "BEGIN", "BEGIN LIST VAR u\n", "BEGIN LIST VAR u\nVAR u a \"1\"\n", "BEGIN LIST VAR u\nEND LIST VAR u",
	} {
		list, _, err := ask(t, client.ListVar("u"), answer, nil)
		if !errors.Is(err, io.ErrUnexpectedEOF) || list != nil {
			t.Errorf("after %q: %q, %v", answer, list, err)
		}
	}
}

func TestWrongAnswers(t *testing.T) {
	value := func(answer string) error { _, _, err := ask(t, client.GetVar("u", "a.b"), answer, nil); return err }
	for name, err := range map[string]error{
		"another variable": value("VAR u a.c \"1\"\n"),
		"another UPS":      value("VAR v a.b \"1\"\n"),
		"another form":     value("TYPE u a.b RW\n"),
		"no value":         value("VAR u a.b\n"),
		"OK":               value("OK\n"),
		"nothing":          value("\n"),
		"count":            second(ask(t, client.NumLogins("u"), "NUMLOGINS u many\n", nil)),
		"negative count":   second(ask(t, client.NumLogins("u"), "NUMLOGINS u -1\n", nil)),
		"no count":         second(ask(t, client.NumLogins("u"), "NUMLOGINS u\n", nil)),
		"length":           second(ask(t, client.GetType("u", "a"), "TYPE u a STRING:x\n", nil)),
		"order":            second(ask(t, client.Set("u", "a", "1"), "SUCCESS\n", nil)),
		"ticket":           second(ask(t, client.Set("u", "a", "1"), "OK TRACKING\n", nil)),
		"tickets":          second(ask(t, client.Set("u", "a", "1"), "OK TRACKING a b\n", nil)),
		"outcome":          second(ask(t, client.Tracking("id"), "OK\n", nil)),
		"login":            second(ask(t, client.Login("u"), "OKAY\n", nil)),
	} {
		if _, ok := errors.AsType[*client.ProtocolError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, _ *client.Client, err error) error { return err }
