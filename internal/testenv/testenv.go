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
	"strings"
	"testing"
)

// Need returns the path of a program. Before PATH it looks where Debian puts
// NUT's drivers and daemons: its upsd and upsmon in PATH are scripts that do
// nothing unless /etc/nut/nut.conf says so.
func Need(tb testing.TB, program string) string {
	tb.Helper()
	for _, dir := range []string{"/lib/nut/", "/usr/lib/nut/", "/usr/bin/", "/usr/sbin/", "/sbin/", ""} {
		if path, err := exec.LookPath(dir + program); err == nil {
			return path
		}
	}
	missing(tb, "the program "+program+" is not installed")
	return ""
}

// Unpacked returns the path of a file of a package that is not installed, but
// unpacked below .tools/peers, as those are that cannot be installed beside NUT;
// and the environment that a program of it needs.
func Unpacked(tb testing.TB, file string) (path string, env []string) {
	tb.Helper()
	root := filepath.Join(Root(tb), ".tools", "peers")
	path = filepath.Join(root, file)
	if _, err := os.Stat(path); err != nil {
		missing(tb, file+" is not in .tools/peers; \".ci/peers --install\" brings it there")
	}
	libraries, err := filepath.Glob(filepath.Join(root, "usr", "lib", "*-linux-gnu*"))
	more, err2 := filepath.Glob(filepath.Join(root, "lib", "*-linux-gnu*"))
	if err != nil || err2 != nil {
		tb.Fatal(err, err2)
	}
	return path, append(os.Environ(), "LD_LIBRARY_PATH="+strings.Join(append(libraries, more...), ":"))
}

// Root returns the project's folder.
func Root(tb testing.TB) string {
	tb.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		tb.Fatal("the test binary does not know its source")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Shared returns the folder of reference facts: $WATTNUT_SHARED, else shared
// beside the project.
func Shared(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("WATTNUT_SHARED")
	if dir == "" {
		dir = filepath.Join(filepath.Dir(Root(tb)), "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		// Not part of the project: its absence is told, and never a failure.
		tb.Skipf("the reference facts are not here: %v", err)
	}
	return dir
}

func missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("WATTNUT_ALL_TESTS") != "" {
		tb.Fatal(what)
	}
	tb.Skip(what)
}
