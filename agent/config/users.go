package config

import (
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/conf"
)

// User is one section of upsd.users, or one WATTNUT_USER_ variable.
type User struct {
	Name string
	// Password is in clear, or a bcrypt hash. A user without one may do
	// nothing.
	Password Secret

	Login   bool // upsmon primary or secondary
	Primary bool // upsmon primary
	FSD     bool // upsmon primary, or actions = FSD
	Set     bool // actions = SET

	AllCommands bool       // instcmds = ALL
	Commands    []nut.Name // instcmds
}

// LogValue is the name.
func (u User) LogValue() slog.Value { return slog.StringValue(u.Name) }

// users makes the users of upsd.users and the environment.
func (l *loader) users(file *conf.File) {
	taken := make(map[string]string)
	for _, v := range variables("WATTNUT_USER_") {
		parsed := conf.ParseSettings(conf.UPSDUsers, v.key, v.name, v.value)
		l.report.Problems = append(l.report.Problems, parsed.Problems...)
		l.user(v.key, parsed.Named()[0], taken)
	}
	for _, s := range file.Named() {
		l.user("upsd.users", s, taken)
	}
}

func (l *loader) user(file string, s *conf.Section, taken map[string]string) {
	complain := func(severity conf.Severity, line int, text string) {
		l.report.add(conf.Problem{File: file, Line: line, Section: s.Name, Severity: severity, Text: fmt.Sprintf("user [%s]: %s", s.Name, text)})
	}
	if where, ok := taken[s.Name]; ok {
		complain(conf.Warning, s.Line, where+" has the name already: this one is ignored")
		return
	}
	taken[s.Name] = file
	u := User{Name: s.Name}
	given := false
	for _, d := range s.Directives {
		switch {
		case d.Name != "password":
			u.grant(d)
		case given:
			complain(conf.Warning, d.Line, "there is a password already: this one is ignored")
		default:
			given = true
			u.Password = Secret(d.Value())
			if why := unusable(d.Value()); why != "" {
				complain(conf.Error, d.Line, why)
				u.Password = ""
			}
		}
	}
	if !given {
		complain(conf.Warning, s.Line, "there is no password, so nobody can be this user")
	}
	l.config.Users = append(l.config.Users, u)
}

// grant gives the rights of a directive. What nobody checks for has no effect,
// as in NUT.
func (u *User) grant(d conf.Directive) {
	for _, word := range d.Args {
		switch {
		case d.Name == "instcmds" && strings.EqualFold(word, "ALL"):
			u.AllCommands = true
		case d.Name == "instcmds":
			u.Commands = append(u.Commands, nut.Name(word))
		case d.Name == "upsmon":
			primary := strings.EqualFold(word, "primary") || strings.EqualFold(word, "master")
			u.Login = true
			u.Primary, u.FSD = u.Primary || primary, u.FSD || primary
		default:
			u.act(strings.ToUpper(word))
		}
	}
}

// act gives the right of a word of actions. Besides SET and FSD, upsd takes
// what upsmon stands for by the names of its parts.
func (u *User) act(word string) {
	switch word {
	case "SET":
		u.Set = true
	case "FSD":
		u.FSD = true
	case "LOGIN":
		u.Login = true
	case "PRIMARY", "MASTER":
		u.Primary = true
	}
}

// maxCost bounds the work of comparing a password: it doubles with each step,
// and takes about a second at 14.
const maxCost = 14

// unusable tells why a password cannot be used, "" if it can.
func unusable(password string) string {
	if password == "" {
		return "the password is empty, so nobody can be this user"
	}
	if len(password) < 4 || password[0] != '$' || password[1] != '2' || password[3] != '$' || !strings.Contains("aby", password[2:3]) {
		return ""
	}
	switch cost, err := bcrypt.Cost([]byte(password)); {
	case err != nil:
		return "the password begins as a bcrypt hash does, and is none: all 60 characters are needed"
	case cost > maxCost:
		return fmt.Sprintf("the password's bcrypt cost is %d: more than %d takes too long at each login", cost, maxCost)
	}
	return ""
}
