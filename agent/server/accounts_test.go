package server

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/wattnut/wattnut/nut"
)

func TestAccounts(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	var a Accounts
	if _, ok := a.Authenticate("", ""); ok {
		t.Error("the zero Accounts knows somebody")
	}
	a.Replace([]Account{
		{"clear", "secret", Rights{Set: true}},
		{"clear", "other", Rights{}},
		{"hashed", string(hash), Rights{FSD: true}},
		{"none", "", Rights{FSD: true}},
		{"dollar", "$5", Rights{}},
	})
	for _, c := range []struct {
		user, password string
		ok             bool
	}{
		{"clear", "secret", true},
		{"clear", "Secret", false},
		{"clear", "other", false},
		{"Clear", "secret", false},
		{"clear", "", false},
		{"hashed", "secret", true},
		{"hashed", "Secret", false},
		{"hashed", string(hash), false},
		{"none", "", false},
		{"none", "x", false},
		{"dollar", "$5", true},
		{"nobody", "", false},
		{"nobody", "x", false},
	} {
		if _, ok := a.Authenticate(c.user, c.password); ok != c.ok {
			t.Errorf("%s with %q: %v", c.user, c.password, ok)
		}
	}
	if r, _ := a.Authenticate("clear", "secret"); !r.Set || r.FSD {
		t.Errorf("rights %+v", r)
	}
}

func TestRightsTake(t *testing.T) {
	r := Rights{Commands: []nut.Name{"load.off"}}
	for command, want := range map[nut.Name]bool{"load.off": true, "LOAD.Off": true, "load.on": false, "": false} {
		if r.Takes(command) != want {
			t.Errorf("%q: %v", command, !want)
		}
	}
	if !(Rights{AllCommands: true}).Takes("anything") || (Rights{}).Takes("anything") {
		t.Error("all, or none")
	}
}

func TestReadTable(t *testing.T) {
	table, err := ReadTable(strings.NewReader("# words\nVARDESC ups.status \"The \\\"status\\\"\"\n\nCMDDESC load.off \"Turn off\"\n" +
		"VARDESC short\nNOSUCH a b\nVARDESC last \"end\""))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[nut.Name]string{"ups.status": `The "status"`, "UPS.Status": `The "status"`, "load.off": "", "short": "", "last": "end"} {
		if got := table.Variable(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := table.Command("LOAD.OFF"); got != "Turn off" {
		t.Errorf("command: %q", got)
	}
	if _, err := ReadTable(strings.NewReader(strings.Repeat("#", maxTable+1))); err == nil {
		t.Error("a file without end is read")
	}
}

func TestUpstreamDescriptions(t *testing.T) {
	table, err := ReadTable(strings.NewReader("VARDESC ups.status \"Status\"\nCMDDESC load.off \"Off\""))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Descriptions: table, Store: storeOf(newUPS("u", nil, nut.Live, orderable))}
	dial(t, listen(t, s, Policy{})).asks(
		"GET DESC u upstream.ups.status", `DESC u upstream.ups.status "Status"`,
		"GET DESC u UPSTREAM.ups.status", `DESC u UPSTREAM.ups.status "Status"`,
		"GET DESC u upstream.", `DESC u upstream. "Description unavailable"`,
		"GET CMDDESC u load.off", `CMDDESC u load.off "Off"`,
		"GET CMDDESC u nosuch", `CMDDESC u nosuch "Description unavailable"`,
	)
}

func FuzzReadTable(f *testing.F) {
	f.Add("VARDESC ups.status \"Status\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ReadTable(strings.NewReader(text)); err != nil && len(text) <= maxTable {
			t.Error(err)
		}
	})
}
