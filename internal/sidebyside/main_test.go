package sidebyside

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binaries is the folder with the wattnut binary of this test run and links to it.
var binaries string //nolint:gochecknoglobals // built once, for all tests

// atOnce is how many histories run at the same time: nearly all of it is waiting.
const atOnce = "20"

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "sidebyside")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := errors.Join(os.Chmod(dir, 0o755), build(dir), flag.Set("test.parallel", atOnce)); err != nil {
		panic(err)
	}
	binaries = dir
	m.Run()
}

func build(dir string) error {
	out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "wattnut"), "../../cmd/wattnut").CombinedOutput()
	if err != nil {
		return fmt.Errorf("wattnut: %w: %s", err, out)
	}
	for _, link := range []string{"upsd", "upsmon", "upsc"} {
		if err := os.Symlink("wattnut", filepath.Join(dir, link)); err != nil {
			return err
		}
	}
	return nil
}

// ours is the path of a program of ours.
func ours(program string) string { return filepath.Join(binaries, program) }
