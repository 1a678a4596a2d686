package wattnut

import (
	"bufio"
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wattnut/wattnut/"

// floors lists the rooms of the house from the ground up: an import may go
// down, and within a room, and where a reason is given.
var floors = []struct {
	floor int
	room  string
}{
	{3, "cmd/"},
	{2, "agent"},
	{2, "exporter/"},
	{1, "drivers"},
	{1, "collectors"},
	{0, "nut"},
}

func room(pkg string) (floor int, name string) {
	for _, f := range floors {
		if strings.HasPrefix(pkg+"/", strings.TrimSuffix(f.room, "/")+"/") {
			return f.floor, f.room
		}
	}
	return -1, pkg // internal/ and the root: below and above all
}

// TestFloors keeps the direction of the arrows in docs/architecture.md.
func TestFloors(t *testing.T) {
	for pkg, imports := range importGraph(t) {
		floor, here := room(pkg)
		for _, imp := range imports {
			below, there := room(imp)
			switch {
			case below == -1 || floor == -1:
			case below > floor:
				t.Errorf("%s imports %s: imports only go down", pkg, imp)
			case below == floor && here != there:
				t.Errorf("%s imports %s: siblings do not know each other", pkg, imp)
			case strings.HasPrefix(pkg, "drivers/transport/") && !strings.HasPrefix(imp, "drivers/transport/"):
				t.Errorf("%s imports %s: a transport knows bytes, no meaning", pkg, imp)
			case family(pkg) != "" && family(imp) != "" && family(pkg) != family(imp):
				t.Errorf("%s imports %s: driver families do not import each other", pkg, imp)
			}
		}
	}
}

// family is the driver family a package belongs to; "" for what serves all.
func family(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "drivers/")
	name, _, _ := strings.Cut(rest, "/")
	if !ok || name == "all" || name == "drivertest" || name == "transport" {
		return ""
	}
	return name
}

// importGraph maps each package of ours to those of ours that it imports,
// without the module's path. Tests are not looked at.
func importGraph(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	graph := make(map[string][]string)
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkg := strings.TrimPrefix(p.ImportPath, module)
		graph[pkg] = nil
		for _, imp := range p.Imports {
			if rest, ok := strings.CutPrefix(imp, module); ok {
				graph[pkg] = append(graph[pkg], rest)
			}
		}
	}
	return graph
}

// sources yields the Go files of the project, by their slashed path.
func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".go" {
			all = append(all, filepath.ToSlash(path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestBudget keeps files short enough to be read: what does not fit is two ideas.
func TestBudget(t *testing.T) {
	var sizes []int
	for _, path := range sources(t) {
		n := countLines(t, path)
		if n > 800 {
			t.Errorf("%s has %d lines; none may have more than 800", path, n)
		}
		if !strings.HasSuffix(path, "_test.go") {
			sizes = append(sizes, n)
		}
	}
	slices.Sort(sizes)
	median, p90 := sizes[len(sizes)/2], sizes[len(sizes)*9/10]
	t.Logf("%d files, median %d lines, p90 %d", len(sizes), median, p90)
	if median > 120 || p90 > 400 {
		t.Errorf("files are too long: median %d lines (120), p90 %d (400)", median, p90)
	}
}

func countLines(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
	}
	return n
}

// TestPackages asks of each package a comment that says what it is for, and a
// test beside its code, and that none has an init.
func TestPackages(t *testing.T) {
	documented, tested := make(map[string]bool), make(map[string]bool)
	for _, path := range sources(t) {
		dir := filepath.Dir(path)
		if strings.HasSuffix(path, "_test.go") {
			tested[dir] = true
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		documented[dir] = documented[dir] || file.Doc != nil
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init: what runs, somebody calls", path)
			}
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", dir)
		}
		if !tested[dir] && dir != "internal/testenv" {
			t.Errorf("%s: no test beside the code", dir)
		}
	}
}

// TestRooms wants each room on the page that describes the house.
func TestRooms(t *testing.T) {
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range importGraph(t) {
		if floor, _ := room(pkg); floor < 0 || strings.HasPrefix(pkg, "drivers/") {
			continue // helpers, tests, and driver families, which are many
		}
		if !bytes.Contains(page, []byte("`"+pkg+"`")) {
			t.Errorf("docs/architecture.md does not say what %s is for", pkg)
		}
	}
}
