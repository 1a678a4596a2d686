package dashboards

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// usual are the families that Prometheus and its client library give to all.
func usual() map[string][]string {
	return map[string][]string{
		"up":                            {"ups"}, // where /sd?role=host says so
		"scrape_duration_seconds":       nil,
		"process_start_time_seconds":    nil,
		"process_cpu_seconds_total":     nil,
		"process_resident_memory_bytes": nil,
		"process_open_fds":              nil,
		"go_goroutines":                 nil,
		"go_memstats_heap_inuse_bytes":  nil,
	}
}

// families are all that can be on a page of ours, with their labels: those of
// docs/metrics.md, those that the agent has about itself, and DRuggeri's.
func families(t *testing.T) map[string][]string {
	t.Helper()
	all := usual()
	documented(t, all)
	for _, pattern := range []string{"../cmd/wattnut/*.go", "../exporter/*/*.go", "../agent/*/*.go", "../collectors/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				described(t, path, all)
			}
		}
	}
	return all
}

var notInNames = regexp.MustCompile(`[^a-z0-9_]`)

// documented adds what docs/metrics.md lists. A row without a NUT variable has
// the family first.
func documented(t *testing.T, all map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	before := len(all)
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case len(cells) == 4 && strings.HasPrefix(cells[0], "nut_"):
			all[cells[0]] = strings.Split(cells[2], ", ")
		case len(cells) == 5 && strings.HasPrefix(cells[1], "nut_"):
			all[cells[1]] = strings.Split(cells[3], ", ")
			all["network_ups_tools_"+notInNames.ReplaceAllString(cells[0], "_")] = []string{"ups"}
		}
	}
	if len(all)-before < 500 {
		t.Fatalf("docs/metrics.md has %d families that are understood", len(all)-before)
	}
	all["network_ups_tools_ups_status"] = []string{"ups", "flag"}
}

// described adds the families whose description is in a file: a call or a
// literal with the name, in which the other plain words are labels.
func described(t *testing.T, path string, all map[string][]string) {
	t.Helper()
	if filepath.Base(path) == "hon95.go" { // names of a page of its own
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		var parts []ast.Expr
		switch n := n.(type) {
		case *ast.CallExpr:
			parts = n.Args
		case *ast.CompositeLit:
			parts = n.Elts
		}
		name := familyOf(parts)
		if _, ok := all[name]; name == "" || ok {
			return true
		}
		all[name] = plainWords(n)
		for _, part := range []string{"_bucket", "_count", "_sum"} {
			if isHistogram(n) {
				all[name+part] = append(plainWords(n), "le")
			}
		}
		return false
	})
}

// familyOf is the name of a family that is one of the parts itself.
func familyOf(parts []ast.Expr) string {
	for _, p := range parts {
		if kv, ok := p.(*ast.KeyValueExpr); ok {
			p = kv.Value
		}
		if s := literal(p); strings.HasPrefix(s, "nut_") {
			return s
		}
	}
	return ""
}

// isHistogram tells whether a description is of a histogram.
func isHistogram(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Histogram" {
			found = true
		}
		return !found
	})
	return found
}

func plainWords(n ast.Node) []string {
	var words []string
	ast.Inspect(n, func(n ast.Node) bool {
		if s := literal(n); s != "" && !notInNames.MatchString(s) {
			words = append(words, s)
		}
		return true
	})
	return words
}

// literal is a string that stands in the source; "" for anything else.
func literal(n ast.Node) string {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}
