package vm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// kit is what machines are made of. .ci/vm fetches it: packages of the
// distribution, unpacked into a folder.
type kit struct {
	qemu, kernel, busybox string
	modules               string // the folder /lib/modules/RELEASE
}

// kitDir is the folder of the kit, and of what [Build] builds. Without one, the
// test is skipped.
func kitDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("WATTNUT_VM")
	if dir == "" {
		tb.Skip("needs a virtual machine: make test-vm")
	}
	return dir
}

func findKit(tb testing.TB) kit {
	tb.Helper()
	root := filepath.Join(kitDir(tb), "root")
	one := func(pattern string) string {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			tb.Fatal(err)
		}
		if len(found) != 1 {
			tb.Skipf("a part of the virtual machine is not here: %d files are %s", len(found), pattern)
		}
		return found[0]
	}
	return kit{
		qemu: testenv.Need(tb, "qemu-system-x86_64"), kernel: one("boot/kernel"),
		busybox: one("bin/busybox"), modules: one("lib/modules/*"),
	}
}

// Build builds a program of the project, by its package ("./cmd/wattnut"), for
// the machine, and returns where it is. What has not changed is not built again.
func Build(tb testing.TB, pkg string) string {
	tb.Helper()
	bin := filepath.Join(kitDir(tb), "built", filepath.Base(pkg))
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, pkg)
	build.Dir = testenv.Root(tb)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build %s: %v\n%s", pkg, err, out)
	}
	return bin
}

// Programs returns programs of the distribution, with the libraries that each
// needs, all at their own paths.
func Programs(tb testing.TB, paths ...string) map[string]File {
	tb.Helper()
	files := make(map[string]File)
	for _, path := range paths {
		files[path] = Program(path)
		out, err := exec.Command("ldd", path).Output()
		if err != nil {
			tb.Fatalf("libraries of %s: %v", path, err)
		}
		libraries, err := parseLibraries(string(out))
		if err != nil {
			tb.Fatalf("libraries of %s: %v", path, err)
		}
		for _, library := range libraries {
			files[library] = Program(library)
		}
	}
	return files
}

// parseLibraries reads what ldd says: "name => path (address)" or, for the
// loader, "path (address)"; what the kernel brings has no path.
func parseLibraries(said string) ([]string, error) {
	var paths []string
	for line := range strings.Lines(said) {
		if strings.Contains(line, "not found") {
			return nil, fmt.Errorf("library%s", strings.TrimRight(line, "\n"))
		}
		name, path, found := strings.Cut(line, " => ")
		if !found {
			path = name
		}
		if path, _, _ = strings.Cut(strings.TrimSpace(path), " ("); strings.HasPrefix(path, "/") {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
