package vm

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTree(t *testing.T) {
	host := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(host, []byte("program's bytes"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := tree{
		"/usr/lib/deep/text": Text("text's bytes"),
		"/bin/program":       Program(host),
		"/bin/script":        Script("exit"),
		"/init":              Link("bin/program"),
		"etc//secret":        Secret(""),
		"/bin":               {mode: Dir().mode &^ 0o22},
	}.write(&out)
	if err != nil {
		t.Fatal(err)
	}
	// Folders come before what is in them, and each has its mode.
	rest := out.String()
	for _, want := range []string{
		"000041ED", "bin\x00", "000081ED", "bin/program\x00", "program's bytes", "000081ED", "bin/script\x00", "#!/bin/sh\nexit",
		"000041ED", "etc\x00", "00008180", "etc/secret\x00", "0000A1FF", "init\x00", "bin/program",
		"usr\x00", "usr/lib\x00", "usr/lib/deep\x00", "000081A4", "usr/lib/deep/text\x00", "text's bytes", "TRAILER!!!",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %q in %q", want, rest)
		}
		rest = after
	}
}

func TestTreeMissingFile(t *testing.T) {
	if err := (tree{"/bin/none": Program(filepath.Join(t.TempDir(), "none"))}).write(&bytes.Buffer{}); !os.IsNotExist(err) {
		t.Errorf("a file that is missing: %v", err)
	}
}
