package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
)

const compareUsers = `[admin]
	password = sekret
	actions = SET
	instcmds = ALL
[limited]
	password = lim
	instcmds = load.off
[spaced]
	password = "pass word"
	instcmds = ALL
`

// compareDevices are in every state that a client can meet.
func compareDevices() []nuttest.Device {
	const end = "DATAOK\nDUMPDONE\n"
	return []nuttest.Device{
		{Name: "full", Desc: "Development box", Says: `SETINFO battery.charge "100"
SETINFO battery.charge.low "20"
SETFLAGS battery.charge.low RW NUMBER
SETINFO device.model "Economy \"1600\" \\ rev\#2"
SETINFO device.serial ""
SETINFO input.sensitivity "high"
SETFLAGS input.sensitivity RW STRING
SETAUX input.sensitivity 8
ADDENUM input.sensitivity "low"
ADDENUM input.sensitivity "high"
SETINFO input.transfer.high "264"
SETFLAGS input.transfer.high RW NUMBER
ADDRANGE input.transfer.high 240 250
ADDRANGE input.transfer.high 260 270
SETINFO ups.id "My UPS"
SETFLAGS ups.id RW STRING
SETAUX ups.id 16
SETINFO ups.status "OL CHRG"
ADDCMD load.off
ADDCMD load.on
ADDCMD test.battery.start
ADDCMD no.description
` + end, Outcomes: map[string]int{"load.off": 0, "load.on": 3, "ups.id": 0, "no.description": 1}},
		{Name: "bare", Says: "SETINFO ups.status OL\n" + end},
		{Name: "nodriver", Desc: "No driver here"},
		{Name: "stale", Says: "SETINFO ups.status OL\nDATASTALE\nDUMPDONE\n"},
		{Name: "waiting", Says: "SETINFO ups.status OL\n"},
	}
}

// comparison is a command line that NUT's program and ours must take alike.
type comparison struct {
	words  string // HOST stands for the server, NOBODY for a port where nobody is; blanks in a word are _
	stdin  string
	stderr bool // ours says the same on standard error
	code   int  // where it is not NUT's: see docs/differences-clients.md
}

func TestClientsAreAsNUTs(t *testing.T) {
	u := nuttest.StartUPSD(t, nuttest.Config{Devices: compareDevices(), Users: compareUsers})
	nobody := "127.0.0.1:" + nuttest.FreePort(t)
	for _, tt := range comparisons {
		t.Run(tt.words, func(t *testing.T) {
			words := strings.Fields(strings.NewReplacer("HOST", u.Addr, "NOBODY", nobody).Replace(tt.words))
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], "_", " ")
			}
			theirs := runReal(t, u, tt.stdin, words)
			ours := runProgram(t, tt.stdin, words...)
			if ours.stdout != theirs.stdout {
				t.Errorf("standard output:\nours\n%s\ntheirs\n%s", ours.stdout, theirs.stdout)
			}
			if tt.stderr && ours.stderr != theirs.stderr {
				t.Errorf("standard error:\nours\n%s\ntheirs\n%s", ours.stderr, theirs.stderr)
			}
			if want := max(theirs.code, tt.code); ours.code != want {
				t.Errorf("exit code: ours %d, theirs %d: %s", ours.code, theirs.code, ours.stderr)
			}
		})
	}
}

// runReal runs NUT's own program.
func runReal(t *testing.T, u *nuttest.UPSD, stdin string, words []string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), testenv.Need(t, words[0]), words[1:]...)
	c.Env, c.Stdin, c.Stdout, c.Stderr = u.Env(), strings.NewReader(stdin), &stdout, &stderr
	err := c.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatal(err)
	}
	said := strings.ReplaceAll(stderr.String(), "Init SSL without certificate database\n", "")
	return result{stdout.String(), said, c.ProcessState.ExitCode()}
}

var comparisons = func() []comparison {
	const admin = "-u admin -p sekret "
	all := []comparison{
		{words: "upsc full@HOST", stderr: true},
		{words: "upsc full@HOST ups.status", stderr: true},
		{words: "upsc full@HOST Ups.STATUS", stderr: true},
		{words: "upsc full@HOST device.serial", stderr: true},
		{words: "upsc full@HOST server.version", stderr: true},
		{words: "upsc full@HOST ups.status more words", stderr: true},
		{words: "upsc full@HOST no.such", stderr: true},
		{words: "upsc full@HOST nodot", stderr: true},
		{words: "upsc bare@HOST", stderr: true},
		{words: "upsc nobody@HOST", stderr: true},
		{words: "upsc nobody@HOST ups.status", stderr: true},
		{words: "upsc nodriver@HOST", stderr: true},
		{words: "upsc nodriver@HOST ups.status", stderr: true},
		{words: "upsc stale@HOST", stderr: true},
		{words: "upsc stale@HOST ups.status", stderr: true},
		{words: "upsc waiting@HOST", stderr: true},
		{words: "upsc full@NOBODY", stderr: true},
		{words: "upsc full@host.invalid", stderr: true},
		{words: "upsc", stderr: true},
		{words: "upsc full@[::1"},
		{words: "upsc full@localhost:"},
		{words: "upsc -l HOST", stderr: true},
		{words: "upsc -L HOST", stderr: true},
		{words: "upsc -lL HOST", stderr: true},
		{words: "upsc -l HOST more", stderr: true},
		{words: "upsc -l NOBODY", stderr: true},
		{words: "upsc -L host.invalid", stderr: true},
		{words: "upsc -c full@HOST", stderr: true},
		{words: "upsc -c nobody@HOST", stderr: true},
		{words: "upsc -c", stderr: true},
		{words: "upsc -c -l HOST", stderr: true},

		{words: "upscmd -l full@HOST", stderr: true},
		{words: "upscmd -l bare@HOST", stderr: true},
		{words: "upscmd -l waiting@HOST", stderr: true},
		{words: "upscmd -l nobody@HOST", stderr: true},
		{words: "upscmd -l nodriver@HOST", stderr: true},
		{words: "upscmd -l stale@HOST", stderr: true},
		{words: "upscmd -l full@NOBODY", stderr: true},
		{words: "upscmd full@HOST load.off", stdin: "admin\nsekret\n", stderr: true},
		{words: "upscmd -u admin full@HOST load.off", stdin: "sekret\n", stderr: true},
		{words: "upscmd full@HOST load.off", stderr: true},
		{words: "upscmd -uadmin -psekret full@HOST load.off", stderr: true},
		{words: "upscmd -u spaced -p pass_word full@HOST nodot", stderr: true},
		{words: "upscmd -u limited -p lim full@HOST load.off", stderr: true},
		{words: "upscmd -u limited -p lim full@HOST load.on", stderr: true},
		{words: "upscmd -w -u limited -p lim full@HOST load.on", stderr: true},
		{words: "upscmd -u admin -p wrong full@HOST load.off", stderr: true},
		{words: "upscmd -w -u admin -p wrong full@HOST load.off", stderr: true},

		{words: "upsrw full@HOST", stderr: true},
		{words: "upsrw -l full@HOST", stderr: true},
		{words: "upsrw bare@HOST", stderr: true},
		{words: "upsrw waiting@HOST", stderr: true},
		{words: "upsrw nobody@HOST", stderr: true},
		{words: "upsrw nodriver@HOST", stderr: true},
		{words: "upsrw stale@HOST", stderr: true},
		{words: "upsrw full@NOBODY", stderr: true},
		{words: "upsrw full@host.invalid", stderr: true},
		{words: "upsrw -s ups.id=x full@HOST", stdin: "admin\nsekret\n", stderr: true},
		{words: "upsrw -s ups.id " + admin + "full@HOST", stdin: "a new one\n", stderr: true},
		{words: "upsrw -s ups.id full@HOST", stdin: "admin\nsekret\na new one\n", stderr: true},
		{words: "upsrw -s ups.id=x -u admin -p wrong full@HOST", stderr: true},
		{words: "upsrw -s ups.id=x -u limited -p lim full@HOST", stderr: true},
		{words: "upsrw -s id=x " + admin + "full@HOST", stderr: true},
		{words: "upsrw -s =x " + admin + "full@HOST", stderr: true},
	}
	for words, code := range map[string]int{
		"full@HOST load.off": 0, "full@HOST load.off 10": 0, "full@HOST load.off 10 20": 0, "full@HOST LOAD.OFF": 0,
		"full@HOST no.such": 0, "nobody@HOST load.off": 0, "nodriver@HOST load.off": 0,
		"stale@HOST load.off": 0, "full@NOBODY load.off": 0, "full@HOST nodot": 0,
		"-t x full@HOST load.off": 0, "-w full@HOST load.off": 0, "-w full@HOST no.such": 0,
		"-w -t 1 full@HOST test.battery.start": 0,
		"-w full@HOST load.on":                 1, "-w full@HOST no.description": 1,
	} {
		all = append(all, comparison{words: "upscmd " + admin + words, stderr: true, code: code})
	}
	for _, words := range []string{
		"ups.id=plain full@HOST", "ups.id= full@HOST", "ups.id=a=b_c#d\"e full@HOST", "UPS.ID=x full@HOST",
		"battery.charge=1 full@HOST", "no.such=1 full@HOST", "ups.id=12345678901234567 full@HOST",
		"input.sensitivity=x full@HOST", "input.sensitivity=low full@HOST", "input.transfer.high=1 full@HOST",
		"input.transfer.high=245 full@HOST", "ups.id=x nobody@HOST", "ups.id=x nodriver@HOST", "ups.id=x stale@HOST",
		"ups.id=x full@NOBODY", "ups.id=x -w full@HOST", "battery.charge=1 -w full@HOST", "ups.id=x -t x full@HOST",
		"battery.charge.low=5 -w -t 1 full@HOST",
	} {
		all = append(all, comparison{words: fmt.Sprintf("upsrw %s-s %s", admin, words), stderr: true})
	}
	return all
}()
