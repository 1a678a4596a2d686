package interop

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// binaries is the folder with the wattnut binary of this test run and a link
// to it for each program of NUT.
var binaries string //nolint:gochecknoglobals // built once, for all tests

// atOnce is how many tests run at the same time: they wait for other programs,
// most of the time.
const atOnce = "6"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(fleetVariable)); err == nil {
		if err := runFleet(n, os.Stdin, os.Stdout); err != nil {
			panic(err)
		}
		return
	}
	flag.Parse()
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(build(dir), flag.Set("test.parallel", atOnce)); err != nil {
		panic(err)
	}
	binaries = dir
	m.Run()
}

// build makes the binary, which calls itself 2.8.0 as the distribution's NUT
// does, so that nothing differs for that reason alone.
func build(dir string) error {
	out, err := exec.Command("go", "build", "-ldflags", "-X main.version=2.8.0",
		"-o", filepath.Join(dir, "wattnut"), "../../cmd/wattnut").CombinedOutput()
	if err != nil {
		return fmt.Errorf("wattnut: %w: %s", err, out)
	}
	for _, link := range []string{"upsd", "upsc", "upscmd", "upsrw", "upslog", "dummy-ups", "nut-scanner"} {
		if err := os.Symlink("wattnut", filepath.Join(dir, link)); err != nil {
			return err
		}
	}
	return nil
}

// ours is the path of a program of ours.
func ours(program string) string { return filepath.Join(binaries, program) }

// theirs is the path of a program of the distribution.
func theirs(tb testing.TB, program string) string {
	tb.Helper()
	return testenv.Need(tb, program)
}
