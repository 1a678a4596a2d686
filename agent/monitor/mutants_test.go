package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// machineFiles are those of the Machine. The effects beside it are another matter.
var machineFiles = []string{
	"clock.go", "config.go", "critical.go", "input.go", "machine.go",
	"notice.go", "observe.go", "shutdown.go", "track.go", "words.go",
}

// ruleTests are the tests of the rules. The random histories are not among
// them, so that it does not hang on luck.
const ruleTests = "^Test(Critical|Silence|Supplies|Limits|Agree|Notices|PollFailures|PollFreq|Shorter|Types|Message|NotifyAction" +
	"|Shutdown|QueryLogins|AfterExit|Reload|ConfigCheck|SleepAndJumps|Clock|RealTime|ContactTime|NoContactTime|Next|Forever)$"

// switchboard is added to the package under mutation: one condition of all, by
// its number, is negated, or one comparison takes equal for the other.
const switchboard = `package monitor

import (
	"cmp"
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("WATTNUT_MUTANT"))

func flip(n int, b bool) bool { return b != (n == mutant) }

func less[T cmp.Ordered](n int, a, b T) bool      { return a < b || n == mutant && a == b }
func lessEqual[T cmp.Ordered](n int, a, b T) bool { return a < b || n != mutant && a == b }
func more[T cmp.Ordered](n int, a, b T) bool      { return a > b || n == mutant && a == b }
func moreEqual[T cmp.Ordered](n int, a, b T) bool { return a > b || n != mutant && a == b }
`

// comparisons are the functions of the switchboard in the place of operators.
var comparisons = map[token.Token]string{token.LSS: "less", token.LEQ: "lessEqual", token.GTR: "more", token.GEQ: "moreEqual"}

// Each condition of the Machine, negated, and each comparison with its limit
// moved, fails a test of its rules. All mutants are in one binary, which is
// told by its environment which one to be.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("short: mutants take a while")
	}
	binary, where := buildMutants(t)
	alive := make([]bool, len(where))
	if !survives(t.Context(), binary, 0) {
		t.Fatal("the tests fail without any mutation")
	}
	var work sync.WaitGroup
	const workers = 2
	for w := range workers {
		work.Go(func() {
			for i := w; i < len(where); i += workers {
				alive[i] = survives(t.Context(), binary, i+1)
			}
		})
	}
	work.Wait()
	for i, at := range where {
		if alive[i] {
			t.Errorf("%s, and no test of the rules fails", at)
		}
	}
	t.Logf("%d mutants", len(where))
}

// survives tells whether the tests of the rules pass with a mutation.
func survives(ctx context.Context, binary string, mutant int) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run="+ruleTests)
	cmd.Env = append(os.Environ(), "WATTNUT_MUTANT="+strconv.Itoa(mutant))
	return cmd.Run() == nil
}

// buildMutants returns the test binary of the package with all its conditions
// switchable, and where they are, from number 1.
func buildMutants(t *testing.T) (binary string, where []string) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	replace := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(here, name)] = file
	}
	for _, name := range machineFiles {
		replace(name, mutate(t, name, &where))
	}
	replace("switchboard.go", switchboard)
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	replace("overlay.json", string(list))
	binary = filepath.Join(dir, "monitor.test")
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("building the mutants: %v\n%s", err, out)
	}
	return binary, where
}

// mutate returns the text of a file with its conditions switchable, and adds to
// where they are.
func mutate(t *testing.T, name string, where *[]string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	type insert struct {
		at, width int // width orders those at one place: the outer before the inner
		text      string
		over      int // how much it replaces
	}
	var inserts []insert
	offset := func(p token.Pos) int { return files.Position(p).Offset }
	wrap := func(e ast.Expr, function, how string) {
		from, to := offset(e.Pos()), offset(e.End())
		*where = append(*where, fmt.Sprintf("%s:%d: %s %s", name, files.Position(e.Pos()).Line, text[from:to], how))
		inserts = append(inserts,
			insert{from, from - to, fmt.Sprintf("%s(%d, ", function, len(*where)), 0},
			insert{to, -len(text), ")", 0}) // a bracket closes before another opens
	}
	for _, c := range conditions(file) {
		wrap(c, "flip", "is negated")
		if b, ok := c.(*ast.BinaryExpr); ok && comparisons[b.Op] != "" {
			wrap(b, comparisons[b.Op], "takes equal for the other")
			inserts = append(inserts, insert{offset(b.OpPos), 0, ",", len(b.Op.String())})
		}
	}
	slices.SortStableFunc(inserts, func(a, b insert) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.width, b.width))
	})
	var b strings.Builder
	done := 0
	for _, in := range inserts {
		b.Write(text[done:in.at])
		b.WriteString(in.text)
		done = in.at + in.over
	}
	b.Write(text[done:])
	return b.String()
}

// conditions finds what is true or false in a file, as far as its shape shows
// it: what is branched on, compared, joined, negated, or returned as a bool.
func conditions(file *ast.File) []ast.Expr {
	var all []ast.Expr
	add := func(exprs ...ast.Expr) {
		for _, e := range exprs {
			if e != nil && !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			add(n.Cond)
		case *ast.ForStmt:
			add(n.Cond)
		case *ast.SwitchStmt:
			for _, s := range n.Body.List {
				if n.Tag == nil {
					add(s.(*ast.CaseClause).List...)
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				add(n.X)
			}
		case *ast.BinaryExpr:
			switch {
			case n.Op == token.LAND || n.Op == token.LOR:
				add(n.X, n.Y)
			case n.Op.Precedence() == token.EQL.Precedence():
				add(n)
			}
		case *ast.FuncDecl:
			add(returned(n.Type, n.Body)...)
		case *ast.FuncLit:
			add(returned(n.Type, n.Body)...)
		}
		return true
	})
	return all
}

// returned is what a function that has a single bool as its result returns.
func returned(typ *ast.FuncType, body *ast.BlockStmt) []ast.Expr {
	if typ.Results == nil || len(typ.Results.List) != 1 {
		return nil
	}
	if id, ok := typ.Results.List[0].Type.(*ast.Ident); !ok || id.Name != "bool" {
		return nil
	}
	var all []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if r, ok := n.(*ast.ReturnStmt); ok {
			all = append(all, r.Results...)
		}
		return true
	})
	return all
}
