package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts call each program by its name, as by its link.
func TestMain(m *testing.M) {
	commands := map[string]func(){"wattnut": main}
	for _, p := range programs() {
		commands[p.name] = main
	}
	testscript.Main(m, commands)
}

// result is what a program left behind.
type result struct {
	stdout, stderr string
	code           int
}

// runProgram calls a program as main does.
func runProgram(t *testing.T, stdin string, words ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := pick(t.Context(), words, call{stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr})
	return result{stdout.String(), stderr.String(), code}
}
