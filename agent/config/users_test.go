package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/conf"
)

func TestUsers(t *testing.T) {
	c := sound(t, map[string]string{"ups.conf": oneUPS, "upsd.users": `
[admin]
	password = "a=b\#c"
	actions = SET
	actions = fsd
	instcmds = ALL
[primon]
	password = p
	upsmon primary
[legacy]
	password = p
	upsmon master
[secmon]
	password = p
	upsmon = secondary
[limited]
	password = p
	instcmds = test.panel.start load.off
	instcmds = Beeper.Mute
[parts]
	password = p
	actions = LOGIN PRIMARY
`})
	want := []User{
		{Name: "admin", Password: "a=b#c", Set: true, FSD: true, AllCommands: true},
		{Name: "primon", Password: "p", Login: true, Primary: true, FSD: true},
		{Name: "legacy", Password: "p", Login: true, Primary: true, FSD: true},
		{Name: "secmon", Password: "p", Login: true},
		{Name: "limited", Password: "p", Commands: []nut.Name{"test.panel.start", "load.off", "Beeper.Mute"}},
		{Name: "parts", Password: "p", Login: true, Primary: true},
	}
	if !reflect.DeepEqual(c.Users, want) {
		t.Errorf("got\n%+v\nwant\n%+v", c.Users, want)
	}
}

func TestPasswords(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("x"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	costly := strings.Replace(string(hash), "$04$", "$15$", 1)
	for password, want := range map[string]string{
		"hunter2":                "",
		"$1$other":               "",
		"$2x":                    "",
		string(hash):             "",
		"$2y" + string(hash[3:]): "",
		string(hash[:30]):        "upsd.users:2: user [a]: the password begins as a bcrypt hash does, and is none: all 60 characters are needed",
		costly:                   "upsd.users:2: user [a]: the password's bcrypt cost is 15: more than 14 takes too long at each login",
		"":                       "upsd.users:2: user [a]: the password is empty, so nobody can be this user",
	} {
		c, r := load(t, map[string]string{"ups.conf": oneUPS, "upsd.users": fmt.Sprintf("[a]\npassword = %q\n", password)})
		if want == "" {
			if err := r.Err(conf.Warning); err != nil || string(c.Users[0].Password) != password {
				t.Errorf("%s: %q, %v", password, string(c.Users[0].Password), err)
			}
			continue
		}
		if err := r.Err(conf.Error); err == nil || err.Error() != want || c.Users[0].Password != "" {
			t.Errorf("%s: %v", password, err)
		}
	}
}

func TestEnvironmentUser(t *testing.T) {
	t.Setenv("WATTNUT_USER_ADMIN", `password=x actions=SET upsmon=primary`)
	c, r := load(t, map[string]string{"ups.conf": oneUPS, "upsd.users": "[admin]\npassword = y\n"})
	if len(c.Users) != 1 || !reflect.DeepEqual(c.Users[0], User{Name: "admin", Password: "x", Set: true, Login: true, Primary: true, FSD: true}) {
		t.Errorf("got %+v", c.Users)
	}
	if err := r.Err(conf.Warning); err == nil || err.Error() != "upsd.users:1: user [admin]: WATTNUT_USER_ADMIN has the name already: this one is ignored" {
		t.Errorf("got %v", err)
	}
}
