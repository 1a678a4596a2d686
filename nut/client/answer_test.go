package client_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// What servers may do, as NUT's own clients take it.
func TestToleratedAnswers(t *testing.T) {
	long := strings.Repeat("v", 5000)
	for _, tt := range []struct{ name, answer, want string }{
		{"as NUT's", "VAR u a.b \"OL CHRG\"\n", "OL CHRG"},
		{"CR LF", "VAR u a.b \"OL\"\r\n", "OL"},
		{"no quotes", "VAR u a.b OL\n", "OL"},
		{"several words", "VAR u a.b OL CHRG\n", "OL"},
		{"lower case", "var U A.B \"OL\"\n", "OL"},
		{"escapes", "VAR u a.b \"a\\\"b\\\\c\\#d\"\n", `a"b\c#d`},
		{"needless escape", "VAR u a.b \"\\O\\L\"\n", "OL"},
		{"empty", "VAR u a.b \"\"\n", ""},
		{"beyond ASCII", "VAR u a.b \"caf\xc3\xa9\"\n", "caf"},
		{"long", "VAR u a.b \"" + long + "\"\n", long},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _, err := ask(t, client.GetVar("u", "a.b"), tt.answer, nil); err != nil || got != tt.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestBareEcho(t *testing.T) {
	got, _, err := ask(t, client.GetVar("fa ke", "a.b"), "VAR fa ke a.b \"1\"\n", nil)
	if err != nil || got != "1" {
		t.Errorf("a name with a blank: %q, %v", got, err)
	}
	list, _, err := ask(t, client.ListCmd("fa ke"), "BEGIN LIST CMD \"fa ke\"\nCMD fa ke x\nEND LIST CMD fa ke\n", nil)
	if err != nil || !slices.Equal(list, []nut.Name{"x"}) {
		t.Errorf("list %q, %v", list, err)
	}
}

func TestServerErrors(t *testing.T) {
	for _, tt := range []struct {
		answer string
		word   nut.Error
		text   string
	}{
		{"ERR DATA-STALE\n", nut.ErrDataStale, ""},
		{"ERR DATA-STALE too old, sorry\n", nut.ErrDataStale, "too old, sorry"},
		{"err data-stale\r\n", nut.ErrDataStale, ""},
		{"ERR ALREADY-ATTACHED\n", nut.ErrAlreadyAttached, ""},
		{"ERR SOMETHING-NEW\n", "SOMETHING-NEW", ""},
	} {
		for _, one := range []func() (*client.Client, error){
			func() (*client.Client, error) {
				_, c, err := ask(t, client.GetVar("u", "a"), tt.answer, nil)
				return c, err
			},
			func() (*client.Client, error) {
				_, c, err := ask(t, client.ListVar("u"), tt.answer, nil)
				return c, err
			},
			func() (*client.Client, error) { _, c, err := ask(t, client.Login("u"), tt.answer, nil); return c, err },
		} {
			c, err := one()
			refused, ok := errors.AsType[*client.ServerError](err)
			if !ok || !errors.Is(err, tt.word) || refused.Text != tt.text {
				t.Errorf("%q: got %v", tt.answer, err)
			}
			if c.Unusable() != nil {
				t.Errorf("%q: a refusal is not the end: %v", tt.answer, c.Unusable())
			}
		}
	}
}

func TestErrorText(t *testing.T) {
	_, _, err := ask(t, client.GetVar("u", "a"), "ERR DATA-STALE too old\n", nil)
	if got, want := err.Error(), "GET VAR u a: DATA-STALE (too old)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, _, err = ask(t, client.Password("secret"), "ERR INVALID-PASSWORD\n", nil)
	if got, want := err.Error(), "PASSWORD: INVALID-PASSWORD"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, _, err = ask(t, client.Set("u", "a", "secret"), "ERR READONLY\n", nil)
	if got, want := err.Error(), "SET VAR u a: READONLY"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTypes(t *testing.T) {
	for answer, want := range map[string]client.Type{
		"TYPE u a":                      {},
		"TYPE u a NUMBER":               {Number: true},
		"TYPE u a RW STRING:16":         {Writable: true, Text: true, MaxLen: 16},
		"TYPE u a RW ENUM":              {Writable: true, Enum: true},
		"TYPE u a NUMBER RANGE rw BLUE": {Writable: true, Range: true, Number: true},
	} {
		if got, _, err := ask(t, client.GetType("u", "a"), answer+"\n", nil); err != nil || got != want {
			t.Errorf("%s: %+v, %v", answer, got, err)
		}
	}
}

func TestResultBeforeDo(t *testing.T) {
	if _, err := client.GetVar("u", "a").Result(); err == nil || err.Error() != "GET VAR u a: was not asked" {
		t.Errorf("got %v", err)
	}
}
