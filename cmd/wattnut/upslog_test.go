package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

func TestLogFormat(t *testing.T) {
	record := &logRecord{
		ups: "rack@host", host: "here", pid: 42, time: time.Unix(1700000000, 0).UTC(),
		values: map[nut.Name]string{"ups.status": "OL", "ups.load": ""},
	}
	for _, tt := range []struct{ format, want string }{
		{"", ""},
		{"plain", "plain"},
		{"%VAR ups.status%", "OL"},
		{"[%var ups.status%]", "[OL]"},
		{"%VAR ups.load%|", "|"},
		{"%VAR no.such%", "NA"},
		{"%VAR nodot%", "INVALID"},
		{"%VAR%", "INVALID"},
		{"%VAR ups.status ups.load%", "NA"},
		{"x%FOO%y", "xINVALIDy"},
		{"100%", "100INVALID"},
		{"%VAR ups.status", "INVALIDVAR ups.status"},
		{"%%|%%%%", "%|%%"},
		{"a%tb%t", "a\tb\t"},
		{"%TIME @Y-@m-@d@@%", "2023-11-14%"},
		{"%time @H%", "22"},
		{"%TIME%", "INVALID"},
		{"%ETIME% %PID% %HOST% %UPSHOST%", "1700000000 42 here rack@host"},
	} {
		format, names := parseLogFormat(tt.format)
		if got := string(format.append(nil, record)); got != tt.want+"\n" {
			t.Errorf("%q: got %q, want %q", tt.format, got, tt.want)
		}
		for _, name := range names {
			if !strings.Contains(tt.format, string(name)) {
				t.Errorf("%q: asks for %s", tt.format, name)
			}
		}
	}
}

func TestDefaultLogFormat(t *testing.T) {
	_, names := parseLogFormat(defaultLogFormat)
	want := []nut.Name{"battery.charge", "input.voltage", "ups.load", "ups.status", "ups.temperature", "input.frequency"}
	if !slices.Equal(names, want) {
		t.Errorf("asks for %q", names)
	}
}

func FuzzLogFormat(f *testing.F) {
	f.Add(defaultLogFormat)
	f.Add("%t%%%VAR%%TIME @")
	f.Fuzz(func(t *testing.T, text string) {
		format, _ := parseLogFormat(text)
		if line := format.append(nil, &logRecord{}); len(line) == 0 || line[len(line)-1] != '\n' {
			t.Errorf("%q: %q", text, line)
		}
	})
}

// NUT's upslog ends only by a signal; its first line is held against ours.
func TestUpslogIsAsNUTs(t *testing.T) {
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: compareDevices()})
	t.Setenv("NUT_PIDPATH", t.TempDir())
	for _, tt := range []struct{ ups, format string }{
		{"full@" + u.Addr, "%VAR battery.charge%,%VAR ups.status%,%VAR no.such%,%VAR device.model%,%VAR device.serial%"},
		{"full@" + u.Addr, "%UPSHOST% %upshost% %HOST% %%"},
		{"full@" + u.Addr, "%TIME @Y@@@m% %VAR% x%FOO%y %VAR nodot%"},
		{"full@" + u.Addr, "%VAR ups.status ups.id% %VAR  ups.status%"},
		{"full@" + u.Addr, "%VAR ups.status"},
		{"full@" + u.Addr, `100% a\tb`},
		{"stale@" + u.Addr, "%VAR ups.status%"},
		{"nobody@" + u.Addr, "%VAR ups.status%"},
		{"full@127.0.0.1:1", "%VAR ups.status%"},
	} {
		t.Run(tt.ups+" "+tt.format, func(t *testing.T) {
			words := []string{"upslog", "-s", tt.ups, "-l", "-", "-i", "1", "-f", tt.format}
			theirs := firstLogLines(t, u, words)
			ours := runProgram(t, "", append(words, "-d", "1")...)
			_, said, _ := strings.Cut(ours.stdout, "\n") // behind the banner
			if said != theirs || ours.code != 0 {
				t.Errorf("ours\n%s\ntheirs\n%s\n%s", said, theirs, ours.stderr)
			}
		})
	}
}

// firstLogLines runs NUT's upslog until it has written a line, and returns what
// it wrote behind its banner.
func firstLogLines(t *testing.T, u *nuttest.UPSD, words []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	words = append(words, "-p", filepath.Join(u.Dir, "state", "upslog.pid"))
	c := exec.CommandContext(ctx, testenv.Need(t, words[0]), words[1:]...)
	c.Env = u.Env()
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	in := bufio.NewScanner(stdout)
	in.Scan()
	var lines strings.Builder
	for range 2 {
		in.Scan()
		lines.WriteString(in.Text() + "\n")
	}
	return lines.String()
}

// A log that cannot be written is told of once, and is no end.
func TestUpslogFullDisk(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip(err)
	}
	t.Setenv("NUT_PIDPATH", t.TempDir())
	got := runProgram(t, "", "upslog", "-F", "-s", "x@127.0.0.1:1", "-l", full, "-d", "2", "-i", "1")
	if n := strings.Count(got.stderr, syscall.ENOSPC.Error()); n != 1 || got.code != 0 {
		t.Errorf("code %d, told %d times: %s", got.code, n, got.stderr)
	}
}
