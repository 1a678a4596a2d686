package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut/conf"
)

// Whatever the files hold, a configuration comes of it that keeps its promises.
func FuzzMeaning(f *testing.F) {
	f.Add([]byte("maxretry = 3\n"+oneUPS+"pollinterval = 0.5\nsdorder=-1\ndefault.x = y\n[A]\n[b\n"),
		[]byte("LISTEN * nut tls-required\nLISTEN a:1\nCERTIDENT a b\nMAXAGE 5s\nCERTREQUEST 2\nSTATEPATH /x\n"),
		[]byte("[a]\npassword = x\nactions = SET FSD\ninstcmds = ALL\nupsmon primary\n[b]\npassword = $2b$99$\n"))
	f.Fuzz(func(t *testing.T, ups, upsd, users []byte) {
		l := &loader{config: new(Config), report: new(Report)}
		read := func(format *conf.Format, text []byte) *conf.File {
			file, err := conf.Parse(format, bytes.NewReader(text))
			if err != nil {
				t.Skip(err)
			}
			return file
		}
		l.upses(read(conf.UPSConf, ups))
		l.server(read(conf.UPSDConf, upsd), read(conf.NUTConf, nil))
		l.users(read(conf.UPSDUsers, users))
		l.nothing()
		l.report.sort()
		c := l.config
		names := make(map[string]bool)
		for _, u := range c.UPSes {
			if folded := strings.ToLower(u.Name); names[folded] {
				t.Errorf("two UPSes are called %q", u.Name)
			} else {
				names[folded] = true
			}
			if !u.Broken && (u.Name == "" || u.Driver == "" || u.Port == "" || u.PollInterval <= 0) {
				t.Errorf("%v is not broken", u)
			}
			if !u.Equal(u) {
				t.Errorf("%v differs from itself", u)
			}
		}
		for _, s := range c.Server.Listen {
			if s.Host == "" || s.Port == "" {
				t.Errorf("LISTEN %v", s)
			}
		}
		if len(c.Server.Listen) == 0 && l.report.Err(conf.Fatal) == nil {
			t.Error("there is nowhere to listen, and nobody says so")
		}
	})
}
