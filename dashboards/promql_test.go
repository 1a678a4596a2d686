package dashboards

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// model is what of a dashboard's JSON the tests look at.
type model struct {
	UID, Title, Description string
	Editable                *bool
	Panels                  []panelModel
	Templating              struct{ List []variableModel }
	Annotations             struct{ List []struct{ Expr string } }
}

type panelModel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	Targets                  []targetModel
	Transformations          []struct{ ID string }
	FieldConfig              struct{ Defaults struct{ Unit string } }
}

type targetModel struct {
	RefID, Expr, LegendFormat string
	Instant                   bool
	Datasource                struct{ UID string }
}

type variableModel struct {
	Name, Type, Query string
	Multi             bool
	IncludeAll        bool
}

// models are the dashboards by the names of their files.
func models(t *testing.T) map[string]model {
	t.Helper()
	all := map[string]model{}
	for _, f := range allFiles(t) {
		var m model
		if err := json.Unmarshal(f.JSON, &m); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all[f.Name] = m
	}
	return all
}

// rateInterval stands for $__rate_interval, so that it is known again.
const rateInterval = 7*time.Minute + 13*time.Second

// filled is an expression with Grafana's variables in it filled in.
func filled(expr string) string {
	return strings.NewReplacer(
		"$__rate_interval", "7m13s", "$__range_s", "3600", "$__range", "1h",
		"$job", ".*", "$instance", ".*", "$ups", ".*", "$price", "0.30",
	).Replace(expr)
}

// Every expression parses, names only families and labels that there are, and
// narrows by what is chosen above the panels.
func TestExpressions(t *testing.T) {
	known := families(t)
	for name, m := range models(t) {
		for _, a := range m.Annotations.List {
			checkExpr(t, known, name+": annotation", a.Expr, "")
		}
		for _, p := range m.Panels {
			for _, q := range p.Targets {
				checkExpr(t, known, name+": "+p.Title+" "+q.RefID, q.Expr, q.LegendFormat)
			}
		}
	}
}

var legendLabel = regexp.MustCompile(`{{(\w+)}}`)

func checkExpr(t *testing.T, known map[string][]string, where, text, legend string) {
	t.Helper()
	if left := strings.Contains(filled(text), "$"); left {
		t.Errorf("%s: a variable that is not known: %s", where, text)
	}
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(filled(text))
	if err != nil {
		t.Errorf("%s: %v: %s", where, err, text)
		return
	}
	may := map[string]bool{"job": true, "instance": true}
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			checkSelector(t, known, where, s)
			for _, l := range known[s.Name] {
				may[l] = true
			}
		}
		if s, ok := n.(*parser.MatrixSelector); ok && counted(path) && s.Range != rateInterval {
			t.Errorf("%s: rate and increase are over $__rate_interval: %s", where, text)
		}
		return nil
	})
	used := grouped(expr)
	for _, l := range legendLabel.FindAllStringSubmatch(legend, -1) {
		used = append(used, l[1])
	}
	for _, l := range used {
		if !may[l] {
			t.Errorf("%s: no family of it has the label %s: %s", where, l, text)
		}
	}
}

// checkSelector looks at one family's matchers. The series up of a host has that
// host's job and instance, not the agent's.
func checkSelector(t *testing.T, known map[string][]string, where string, s *parser.VectorSelector) {
	t.Helper()
	has, ok := known[s.Name]
	if !ok {
		t.Errorf("%s: there is no family %s", where, s.Name)
		return
	}
	matched := map[string]bool{}
	for _, m := range s.LabelMatchers {
		matched[m.Name] = true
		own := m.Name == "__name__" || m.Name == "job" || m.Name == "instance" || slices.Contains(has, m.Name)
		if !own {
			t.Errorf("%s: %s has no label %s", where, s.Name, m.Name)
		}
	}
	want := []string{"job", "instance"}
	if s.Name == "up" {
		want = nil
	}
	if slices.Contains(has, "ups") {
		want = append(want, "ups")
	}
	for _, l := range want {
		if !matched[l] {
			t.Errorf("%s: %s does not ask for the chosen %s", where, s.Name, l)
		}
	}
}

// counted tells whether the innermost call is one for counters.
func counted(path []parser.Node) bool {
	for _, n := range slices.Backward(path) {
		if c, ok := n.(*parser.Call); ok {
			return slices.Contains([]string{"rate", "irate", "increase"}, c.Func.Name)
		}
	}
	return false
}

// grouped are the labels that an expression groups or joins by.
func grouped(expr parser.Expr) []string {
	all := map[string]bool{}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		var by []string
		switch n := n.(type) {
		case *parser.AggregateExpr:
			by = n.Grouping
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				by = n.VectorMatching.MatchingLabels
			}
		}
		for _, l := range by {
			all[l] = true
		}
		return nil
	})
	return slices.Collect(maps.Keys(all))
}
