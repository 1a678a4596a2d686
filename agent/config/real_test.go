package config

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut/conf"
)

// What NUT's upsd starts with, we start with, and see the same UPSes in it;
// what it refuses, we refuse. Differences on purpose are not in this table.
func TestAsRealUPSD(t *testing.T) {
	upsd, upsc := testenv.Need(t, "upsd"), testenv.Need(t, "upsc")
	clean(t)
	const none = "none" // in place of a file's text
	tests := []struct{ name, ups, upsd, users string }{
		{"plain", oneUPS, "", ""},
		{"no ups.conf", none, "", ""},
		{"no upsd.conf", oneUPS, none, ""},
		{"no upsd.users", oneUPS, "", none},
		{"no UPS", "maxretry = 3\n", "", ""},
		{"no UPS, and that is allowed", "", "ALLOW_NO_DEVICE true\n", ""},
		{"only a UPS without a port", "[a]\ndriver = x\n", "", ""},
		{"a UPS without a port", "[b]\ndriver = x\n" + oneUPS, "", ""},
		{"a UPS without a driver", oneUPS + "[b]\nport = x\n", "", ""},
		{"no =", oneUPS + "[b]\ndriver x\nport y\n", "", ""},
		{"nothing behind the =", oneUPS + "[b]\ndriver =\nport = y\n", "", ""},
		{"extra words", "[a] b\ndriver = dummy-ups x\nport = a.dev y\ndesc = one two\n", "", ""},
		{"quoted =", "[a]\ndriver \"=\" dummy-ups\nport \"=\" x\n", "", ""},
		{"quoted header", "\"[a_b]\"\ndriver = x\nport = y\n" + oneUPS, "", ""},
		{"sections merge", "[a]\ndriver = x\n[b]\ndriver = x\nport = y\n[a]\nport = z\n", "", ""},
		{"names that differ in case", oneUPS + "[A]\ndriver = x\nport = y\n", "", ""},
		{"a hash in quotes", oneUPS + "[b]\ndriver = \"x#\"\nport = y\n", "", ""},
		{"lines joined", "[a]\ndriver =\\\nx\nport = y\n", "", ""},
		{"a quote over two lines", "[a]\ndriver = \"x\ny\"\nport = z\n", "", ""},
		{"CR LF", "[a]\r\ndriver = x\r\nport = y\r\n", "", ""},
		{"unknown globals", "foo\nbar = x\n" + oneUPS, "", ""},
		{"unknown directives", oneUPS, "JUNK 1\nmaxage 3\nACCEPT x\nfoo = bar\nMAXAGE x\n", ""},
		{"words behind LISTEN", oneUPS, "LISTEN 127.0.0.1 0 tls-required no-anonymous\n", ""},
		{"no such port", oneUPS, "LISTEN 127.0.0.1 x\n", ""},
		{"no such host", oneUPS, "LISTEN 127.0.0.1:0\n", ""},
		{"LISTEN without an address", oneUPS, "LISTEN\n", ""},
		{"broken users", oneUPS, "", "junk\npassword = x\n[a]\nactions\nupsmon junk\nallowfrom = x\nbar = y\n[a]\npassword = z\n[b\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			port := freePort(t)
			files := map[string]string{"ups.conf": tt.ups, "upsd.users": tt.users, "upsd.conf": tt.upsd}
			if tt.upsd != none {
				files["upsd.conf"] = fmt.Sprintf("LISTEN 127.0.0.1 %s\n%s", port, tt.upsd)
			}
			for name, text := range files {
				if text == none {
					delete(files, name)
				}
			}
			dir := write(t, files)
			starts, theirs := runUPSD(t, upsd, upsc, dir, port)
			c, r := Load(Options{Dir: dir, Strict: true})
			if err := r.Err(conf.Fatal); (err == nil) != starts {
				t.Fatalf("upsd starts: %v; ours says %v", starts, err)
			}
			var ours []string
			for _, u := range c.UPSes {
				if u.Driver != "" && u.Port != "" { // to upsd, that is all there is to a UPS
					ours = append(ours, strings.ToLower(u.Name))
				}
			}
			if slices.Sort(ours); starts && !slices.Equal(ours, theirs) {
				t.Errorf("upsd has %q, ours %q", theirs, ours)
			}
		})
	}
}

// freePort returns a port that was free a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// runUPSD tells whether upsd starts with the files in dir, and the names of
// its UPSes in lower case.
func runUPSD(t *testing.T, upsd, upsc, dir, port string) (starts bool, names []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	state := filepath.Join(dir, "state")
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, upsd, "-D", "-u", me.Username)
	cmd.Env = append(os.Environ(), "NUT_CONFPATH="+dir, "NUT_STATEPATH="+state, "NUT_ALTPIDPATH="+state)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cancel()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !strings.Contains(lines.Text(), "foreground process") {
			continue
		}
		list, err := exec.CommandContext(ctx, upsc, "-l", "127.0.0.1:"+port).Output()
		if err != nil {
			t.Fatal("upsc:", err)
		}
		for name := range strings.Lines(string(list)) {
			names = append(names, strings.ToLower(strings.TrimSuffix(name, "\n")))
		}
		slices.Sort(names)
		return true, names
	}
	return false, nil
}
