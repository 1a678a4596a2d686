package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// planted are secrets, in all the places that they come to be in.
var planted = map[string]string{
	"ups.conf": `[repeated]
	driver = dummy-ups
	port = ups@127.0.0.1:1
	user = admin
	password = planted-repeater
	passwort = planted-misspelt
	desc = "The one in the cellar"
[management]
	driver = snmp-ups
	port = 192.0.2.1
	community = planted-community
	authPassword = "planted auth"
	privPassword = planted-privacy
	privPassword planted-without-equals
[foreign]
	driver = foreign-ups
	port = auto
	pin = planted-pin
`,
	"upsd.conf":  "LISTEN 127.0.0.1 1\nCERTIDENT name planted-certificate\nplanted-astray in a line\n",
	"upsd.users": "[admin]\n\tpassword = planted-admin\n\tinstcmds = test.battery.start\n[other]\n\tplanted-line\n\tpassword = $2a$planted-hash\n",
	"upsmon.conf": "MONITOR repeated@localhost 1 admin planted-monitor primary\nMONITOR a@localhost 1 admin planted-few\n" +
		"SHUTDOWNCMD \"/bin/true --token planted-token\"\nNOTIFYCMD \"/bin/curl https://planted-url\"\n# planted-comment\n",
	"probe.yml": "targets: [{target: 192.0.2.1, password: planted-probe}]\n",
	"web.yml":   "basic_auth_users: {admin: planted-web}\n",
}

func supportBundle(t *testing.T, dir string) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	r := runProgram(t, "", "wattnut", "support-bundle", "--config-dir", dir, file)
	if r.code != 0 || !strings.Contains(r.stdout, file) {
		t.Fatalf("%+v", r)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	parts := make(map[string]string)
	for archive := tar.NewReader(zip); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		parts[strings.TrimPrefix(h.Name, "wattnut-support/")] = string(text)
	}
}

// TestSupportSecrets: no planted secret is in any part, whatever is wrong with
// the line that it is on, and what a report needs is.
func TestSupportSecrets(t *testing.T) {
	dir := t.TempDir()
	for name, text := range planted {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("WATTNUT_USER_robot", "password=planted-robot instcmds=ALL")
	t.Setenv("WATTNUT_UPS_card", "driver=snmp-ups port=192.0.2.2 community=planted-card")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=planted-bearer")
	t.Setenv("WATTNUT_PROBE_CONFIG", filepath.Join(dir, "probe.yml"))
	t.Setenv("WATTNUT_WEB_CONFIG", filepath.Join(dir, "web.yml"))
	t.Setenv("WATTNUT_WEB_LISTEN", "127.0.0.1:1")
	parts := supportBundle(t, dir)
	for name, text := range parts {
		for line := range strings.Lines(text) {
			if strings.Contains(line, "planted") {
				t.Errorf("%s tells a secret: %s", name, line)
			}
		}
	}
	for name, want := range map[string][]string{
		"version":         {"wattnut "},
		"system":          {"Linux"},
		"environment":     {"WATTNUT_PROBE_CONFIG=" + dir, "WATTNUT_USER_robot=***", "OTEL_EXPORTER_OTLP_HEADERS=***"},
		"check":           {"folder " + dir, "upsmon.conf:2"},
		"metrics":         {"refused"},
		"server":          {"refused"},
		"etc/ups.conf":    {"[management]", `driver "snmp-ups"`, `port "192.0.2.1"`, `community "***"`, `desc "The one in the cellar"`},
		"etc/upsmon.conf": {`MONITOR "repeated@localhost" "1" "***" "***" "primary"`, `SHUTDOWNCMD "/bin/true ***"`},
		"etc/upsd.users":  {"[admin]", `password "***"`},
	} {
		for _, w := range want {
			if !strings.Contains(parts[name], w) {
				t.Errorf("%s: no %q in\n%s", name, w, parts[name])
			}
		}
	}
}

// TestSupportRuns: an agent that serves is told of as well.
func TestSupportRuns(t *testing.T) {
	dir, _ := servingAgent(t)
	parts := supportBundle(t, dir)
	if !strings.Contains(parts["server"], "[a]\nups.status: OL") && !strings.Contains(parts["server"], "ups.status: OL") {
		t.Errorf("server: %s", parts["server"])
	}
	if r := runProgram(t, "", "wattnut", "support-bundle", filepath.Join(dir, "ups.conf")); r.code == 0 {
		t.Error("a file that is there was overwritten")
	}
	if r := runProgram(t, "", "wattnut", "support-bundle", "a", "b"); r.code != 2 {
		t.Errorf("%+v", r)
	}
}

func TestCensor(t *testing.T) {
	c := &censor{}
	c.add("abc") // too short to be looked for
	c.add("longer-word")
	if got := c.clean("abc longer-word abc"); got != "abc *** abc" {
		t.Errorf("got %q", got)
	}
}
