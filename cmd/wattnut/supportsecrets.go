package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/nut/conf"
)

// hidden stands for what is not told.
const hidden = "***"

// suspicious are names of settings whose values nobody should see.
var suspicious = regexp.MustCompile(`(?i)pass|secret|community|token|credential|auth|priv|key|headers|login`)

// commands are directives whose words may hold anything behind the program.
var commands = map[string]bool{"SHUTDOWNCMD": true, "NOTIFYCMD": true, "CMDSCRIPT": true, "UPSLOG_ARGS": true}

// writeConf writes a configuration file as it was understood, without comments:
// what was not understood is not written, for it may be a password gone astray.
func writeConf(w io.Writer, path string, f *conf.Format) error {
	text, err := os.Open(path)
	if err != nil {
		return err
	}
	defer text.Close()
	file, err := conf.Parse(f, text)
	if file == nil {
		return err
	}
	for _, s := range file.Sections {
		if s.Name != "" {
			fmt.Fprintf(w, "[%s]\n", s.Name)
		}
		known := optionsOf(s)
		for _, d := range s.Directives {
			fmt.Fprintf(w, "%d: %s", d.Line, d.Name)
			for i, arg := range d.Args {
				switch program, more, _ := strings.Cut(arg, " "); {
				case secretArg(f, d, i, known):
					arg = hidden
				case more != "" && commands[d.Name]:
					arg = program + " " + hidden
				}
				fmt.Fprintf(w, " %q", arg)
			}
			fmt.Fprintln(w)
		}
	}
	for _, p := range file.Problems {
		fmt.Fprintf(w, "# %v\n", p)
	}
	return nil
}

// optionsOf are the settings that the driver of a section knows.
func optionsOf(s *conf.Section) []drivers.Option {
	name, _ := s.Last("driver")
	for _, d := range all.Drivers() {
		if d.Name == name.Value() {
			return d.Options
		}
	}
	return nil
}

// secretArg tells whether an argument of a directive is not to be seen: one that
// may be a password, and in a section every setting that is not known to be
// none.
func secretArg(f *conf.Format, d conf.Directive, i int, known []drivers.Option) bool {
	rows := f.Rows()
	row := slices.IndexFunc(rows, func(r conf.Row) bool { return matches(r.Name, d.Name) })
	switch {
	case suspicious.MatchString(d.Name):
		return true
	case row >= 0 && rows[row].Secret: // MONITOR ups value user password kind
		return d.Name != "MONITOR" || i == 2 || i == 3
	case row >= 0:
		return false
	case f == conf.UPSConf:
		option := slices.IndexFunc(known, func(o drivers.Option) bool { return matches(o.Name, d.Name) })
		return option < 0 || known[option].Secret
	}
	return true
}

// matches tells whether a name is a row's, which may end in a *.
func matches(row, name string) bool {
	prefix, wild := strings.CutSuffix(row, "*")
	return row == name || wild && strings.HasPrefix(name, prefix)
}

// writeEnvironment writes the variables that the agent heeds. Of those that hold
// settings of a UPS or of a user, and of OTEL_*, only the names.
func writeEnvironment(w io.Writer) error {
	var plain []string
	for _, v := range config.Variables() {
		plain = append(plain, v.Name)
	}
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "WATTNUT_") && !strings.HasPrefix(name, "NUT_") && !strings.HasPrefix(name, "OTEL_") {
			continue
		}
		if !slices.Contains(plain, name) && !strings.HasPrefix(name, "NUT_") || suspicious.MatchString(name) {
			value = hidden
		}
		fmt.Fprintf(w, "%s=%s\n", name, value)
	}
	return nil
}

// censor knows the secrets of a configuration, and takes them out of any text.
type censor struct{ words []string }

// shortest is the length below which a secret is not looked for in other texts:
// it would be in half of all words.
const shortest = 4

func newCensor(cfg *config.Config) *censor {
	c := new(censor)
	for _, u := range cfg.Users {
		c.add(string(u.Password))
	}
	for _, u := range cfg.UPSes {
		for _, s := range u.Settings {
			option := optionNamed(u.Driver, s.Name)
			if suspicious.MatchString(s.Name) || option != nil && option.Secret {
				c.add(s.Value)
			}
		}
	}
	mon, _ := config.LoadUPSMon(cfg.Dir, "")
	for _, m := range mon.Monitors {
		c.add(string(m.Password))
	}
	c.add(string(mon.CertPassword))
	c.add(string(cfg.Server.CertPassword))
	slices.SortFunc(c.words, func(a, b string) int { return len(b) - len(a) })
	return c
}

func optionNamed(driver, name string) *drivers.Option {
	for _, d := range all.Drivers() {
		for i, o := range d.Options {
			if d.Name == driver && matches(o.Name, name) {
				return &d.Options[i]
			}
		}
	}
	return nil
}

func (c *censor) add(word string) {
	if len(word) >= shortest {
		c.words = append(c.words, word)
	}
}

func (c *censor) clean(text string) string {
	for _, word := range c.words {
		text = strings.ReplaceAll(text, word, hidden)
	}
	return text
}
