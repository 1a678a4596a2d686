// Package testenv finds what tests need beside the code: the distribution's
// programs, and the folder shared/ that lies beside the project in CI.
//
// A test that misses something says so and is skipped, except where
// WATTNUT_ALL_TESTS is set, as "make test" does where it could install
// everything: there it fails.
package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Need returns the path of a program. Besides PATH it looks where Debian puts
// daemons and NUT's drivers.
func Need(t testing.TB, program string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/", "/lib/nut/", "/usr/lib/nut/"} {
		if path, err := exec.LookPath(dir + program); err == nil {
			return path
		}
	}
	missing(t, "the program "+program+" is not installed")
	return ""
}

// Root returns the project's folder.
func Root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the test binary does not know its source")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Shared returns the folder of reference facts: $WATTNUT_SHARED, else shared
// beside the project.
func Shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WATTNUT_SHARED")
	if dir == "" {
		dir = filepath.Join(filepath.Dir(Root(t)), "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		// Not part of the project: its absence is told, and never a failure.
		t.Skipf("the reference facts are not here: %v", err)
	}
	return dir
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("WATTNUT_ALL_TESTS") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
