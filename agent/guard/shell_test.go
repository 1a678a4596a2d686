//go:build unix

package guard

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/killflag"
)

func TestFirstWord(t *testing.T) {
	for _, tt := range []struct {
		line, word string
		plain      bool
	}{
		{"/sbin/shutdown -h +0", "/sbin/shutdown", true},
		{"  poweroff", "poweroff", true},
		{"poweroff;true", "poweroff", true},
		{"poweroff&", "poweroff", true},
		{"poweroff>/dev/null", "poweroff", true},
		{"A=1 B='2 3' poweroff", "poweroff", true},
		{"exec poweroff -f", "poweroff", true},
		{`"/opt/my tools/down" now`, "/opt/my tools/down", true},
		{`/opt/my\ tools/down now`, "/opt/my tools/down", true},
		{`'it''s' x`, "its", true},
		{"9=x y", "9=x", true},
		{"if true; then poweroff; fi", "if", false},
		{". /etc/down", ".", false},
		{"$DOWN now", "", false},
		{`"$DOWN" now`, "", false},
		{"'$DOWN' now", "$DOWN", true},
		{"`which poweroff`", "", false},
		{"(poweroff)", "", false},
		{"{ poweroff; }", "", false},
		{"# poweroff", "", false},
		{"~/down", "", false},
		{"&& poweroff", "", false},
		{"A=1", "", false},
		{"exec", "", false},
		{"", "", false},
	} {
		if word, plain := firstWord(tt.line); plain != tt.plain || plain && word != tt.word {
			t.Errorf("%s: %q, %t", tt.line, word, plain)
		}
	}
}

// FuzzFirstWord gives a plain word that is one, whatever the line.
func FuzzFirstWord(f *testing.F) {
	for _, line := range []string{`A=1 exec "a b"c d`, `a\ b;c`, `'x'y`, "exec a"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		word, plain := firstWord(line)
		if plain && (word == "" || len(word) > len(line) || isAssignment(word)) {
			t.Errorf("%q: begins with %q", line, word)
		}
	})
}

func TestShellProbe(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, mode := range map[string]os.FileMode{"down": 0o755, "my down": 0o755, "text": 0o644} {
		if err := os.WriteFile(name, []byte("#!/bin/sh\necho down >> ran\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		command string
		ok      bool
		text    string
	}{
		{"sh -c 'echo down >> ran'", true, sh},
		{"./down now", true, "./down"},
		{dir + "/down", true, dir + "/down"},
		{"'./my down'", true, "./my down"},
		{"if ./down; then :; fi", true, "shell expression"},
		{"./text", false, "permission denied"},
		{"./none", false, "no such file"},
		{"no-such-program-anywhere -h", false, "not found"},
		{"./down 'now", false, "/bin/sh does not understand it: "},
		{"", false, "no shutdown command"},
	} {
		checks := Shell(tt.command).Probe(t.Context())
		if len(checks) != 1 || checks[0].Name != "shutdown command" || checks[0].OK != tt.ok || !strings.Contains(checks[0].Text, tt.text) {
			t.Errorf("%s: %+v", tt.command, checks)
		}
	}
	if _, err := os.Stat("ran"); err == nil {
		t.Error("a probe did harm")
	}
}

// TestShellEnvironment runs a command as system() would, but in a session of its
// own.
func TestShellEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("OF_ITS_OWN", "stays")
	t.Setenv("PATH", "")
	if err := Shell(`read pid comm state ppid pgrp session rest < /proc/self/stat; echo "$OF_ITS_OWN $PWD $PATH $((pid == session)) $0" > out`).End(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "stays " + dir + " " + defaultPath + " 1 sh\n"
	if got, _ := os.ReadFile("out"); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostProbe(t *testing.T) {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	dir := t.TempDir()
	if checks := NewHost("", Shell("true"), log).Probe(t.Context()); len(checks) != 1 {
		t.Errorf("without a flag: %+v", checks)
	}
	for _, tt := range []struct {
		flag string
		ok   bool
		text string
	}{
		{filepath.Join(dir, "killpower"), true, dir},
		{filepath.Join(dir, "none", "killpower"), false, "no such file"},
		{"/dev/null/killpower", false, "folder /dev/null: "},
	} {
		checks := NewHost(killflag.File(tt.flag), Shell("true"), log).Probe(t.Context())
		if len(checks) != 2 || checks[1].OK != tt.ok || !strings.Contains(checks[1].Text, tt.text) {
			t.Errorf("%s: %+v", tt.flag, checks)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("left behind: %v", entries)
		}
	}
}
