package config

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/wattnut/wattnut/nut/conf"
)

var update = flag.Bool("update", false, "write the golden files anew")

// clean takes what the machine has in its environment out of the test's way.
func clean(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"NUT_CONFPATH", "NUT_STATEPATH", "NUT_PIDPATH", "NUT_ALTPIDPATH", "ALLOW_NO_DEVICE", "ALLOW_NOT_ALL_LISTENERS",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("NUT_STATEPATH", "/run/test")
}

// write makes a folder of files that only their owner can read.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, files map[string]string) (*Config, *Report) {
	t.Helper()
	clean(t)
	return Load(Options{Dir: write(t, files)})
}

// sound is load for files that nothing is wrong with.
func sound(t *testing.T, files map[string]string) *Config {
	t.Helper()
	c, r := load(t, files)
	if err := r.Err(conf.Warning); err != nil {
		t.Fatal(err)
	}
	return c
}

const oneUPS = "[a]\ndriver = dummy-ups\nport = a.dev\n"

// Each golden file holds files, perhaps an environment and options, and what
// is said of them.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			clean(t)
			files := make(map[string]string)
			var o Options
			want := -1
			for i, f := range archive.Files {
				switch f.Name {
				case "env":
					for line := range strings.Lines(string(f.Data)) {
						key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
						t.Setenv(key, value)
					}
				case "options":
					o.Strict = strings.Contains(string(f.Data), "strict")
					o.All = strings.Contains(string(f.Data), "all")
				case "want":
					want = i
				default:
					files[f.Name] = string(f.Data)
				}
			}
			o.Dir = write(t, files)
			c, r := Load(o)
			got := strings.ReplaceAll(outline(c, r), o.Dir, "DIR")
			if strings.Contains(got, "hunter2") {
				t.Error("a password is shown")
			}
			if *update {
				archive.Files[want].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(archive.Files[want].Data) {
				t.Errorf("got\n%s\nwant\n%s", got, archive.Files[want].Data)
			}
		})
	}
}

// outline is what came of a Load, for people.
func outline(c *Config, r *Report) string {
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "%s: %v\n", p.Severity, p)
	}
	for _, u := range c.UPSes {
		fmt.Fprintf(&b, "UPS %v", u)
		if u.Broken {
			b.WriteString(" broken")
		}
		b.WriteByte('\n')
	}
	for _, l := range c.Server.Listen {
		fmt.Fprintf(&b, "LISTEN %v", l)
		if l.TLSRequired {
			b.WriteString(" tls-required")
		}
		if l.NoAnonymous {
			b.WriteString(" no-anonymous")
		}
		b.WriteByte('\n')
	}
	for _, u := range c.Users {
		fmt.Fprintf(&b, "user %+v\n", u)
	}
	return b.String()
}

func TestPermissionsAdvised(t *testing.T) {
	clean(t)
	dir := write(t, map[string]string{"ups.conf": oneUPS, "upsd.conf": "", "upsd.users": "", "upsmon.conf": ""})
	for _, name := range []string{"ups.conf", "upsd.conf", "upsd.users", "upsmon.conf"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, r := Load(Options{Dir: dir, All: true})
	var about []string
	for _, p := range r.Problems {
		about = append(about, p.File)
		if p.Severity != conf.Warning || !strings.Contains(p.Text, "chmod") {
			t.Errorf("%s: %v", p.Severity, p)
		}
	}
	if got := strings.Join(about, " "); got != "upsd.conf upsd.users upsmon.conf" {
		t.Errorf("told of %s", got)
	}
}

func TestUnreadable(t *testing.T) {
	clean(t)
	dir := write(t, map[string]string{"ups.conf": oneUPS})
	if err := os.Mkdir(filepath.Join(dir, "upsd.conf"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, r := Load(Options{Dir: dir})
	if err := r.Err(conf.Fatal); err == nil || err.Error() != "upsd.conf: "+dir+"/upsd.conf: is a directory" {
		t.Errorf("said %v", err)
	}
	_, r = Load(Options{Dir: write(t, map[string]string{"ups.conf": strings.Repeat("#", conf.MaxSize+1)})})
	if err := r.Err(conf.Fatal); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("said %v", err)
	}
}

func TestNoFolder(t *testing.T) {
	clean(t)
	none := filepath.Join(t.TempDir(), "none")
	_, r := Load(Options{Dir: none})
	if err := r.Err(conf.Fatal); err == nil || err.Error() != none+": there is no such folder" {
		t.Errorf("said %v", err)
	}
	t.Setenv("NUT_CONFPATH", none) // may be: all can come from the environment
	_, r = Load(Options{})
	if err := r.Err(conf.Fatal); err == nil || !strings.Contains(err.Error(), "WATTNUT_UPS_NAME") {
		t.Errorf("said %v", err)
	}
}

// However a configuration is printed, no password is seen.
func TestPrintingHidesPasswords(t *testing.T) {
	c := sound(t, map[string]string{
		"ups.conf":   oneUPS + "authPassword = hunter2\n",
		"upsd.conf":  "CERTFILE x.pem\nCERTIDENT name hunter2\n",
		"upsd.users": "[a]\npassword = hunter2\n",
	})
	if c.Server.CertPassword != "hunter2" || c.Users[0].Password != "hunter2" || c.UPSes[0].Settings[2].Value != "hunter2" {
		t.Fatal("the passwords were not read")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{c, *c, c.UPSes[0].Settings, c.Users[0], c.Server, c.Users[0].Password} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "hunter2") {
				t.Errorf("%s: %s", verb, text)
			}
		}
	}
	if text, err := json.Marshal(c.Users); err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("JSON: %s, %v", text, err)
	}
	for _, value := range []string{c.UPSes[0].LogValue().String(), c.Users[0].LogValue().String(), c.Users[0].Password.LogValue().String()} {
		if strings.Contains(value, "hunter2") {
			t.Errorf("log: %s", value)
		}
	}
	if fmt.Sprint(Secret("")) != "" {
		t.Error("no password looks like one")
	}
}

func TestErr(t *testing.T) {
	var r Report
	if err := r.Err(conf.Warning); err != nil {
		t.Errorf("an empty report is %v", err)
	}
	r.Add("upsd.conf", fmt.Errorf("x"))
	r.Add("", Problems{{File: "ups.conf", Line: 3, Text: "y"}})
	if got := r.Err(conf.Warning).Error(); got != "upsd.conf: x\nups.conf:3: y" {
		t.Errorf("got %q", got)
	}
	if got := r.Err(conf.Error).Error(); got != "upsd.conf: x" {
		t.Errorf("got %q", got)
	}
}
