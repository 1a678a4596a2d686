package dashboards

import (
	"slices"
	"strings"
	"testing"
)

// The rules that hold for every dashboard, of METRICS.md.
func TestDashboardRules(t *testing.T) {
	uids := map[string]string{}
	for name, m := range models(t) {
		if other := uids[m.UID]; m.UID == "" || other != "" {
			t.Errorf("%s: uid %q is that of %s, too", name, m.UID, other)
		}
		uids[m.UID] = name
		if m.Title == "" || m.Description == "" {
			t.Errorf("%s: no title, or no description", name)
		}
		if m.Editable == nil || *m.Editable {
			t.Errorf("%s: it can be edited", name)
		}
		if len(m.Annotations.List) == 0 {
			t.Errorf("%s: outages are not marked", name)
		}
		checkVariables(t, name, m.Templating.List)
		checkGrid(t, name, m.Panels)
		for _, p := range m.Panels {
			if p.Type != "row" {
				checkPanel(t, name+": "+p.Title, p)
			}
		}
	}
}

func checkVariables(t *testing.T, where string, all []variableModel) {
	t.Helper()
	var names []string
	for _, v := range all {
		names = append(names, v.Name)
		switch v.Type {
		case "datasource":
			if v.Query != "prometheus" {
				t.Errorf("%s: datasource is of %s", where, v.Query)
			}
		case "query":
			if !v.Multi || !v.IncludeAll || !strings.HasPrefix(v.Query, "label_values(") {
				t.Errorf("%s: %s is no choice of several labels: %+v", where, v.Name, v)
			}
		}
	}
	if len(names) < 4 || !slices.Equal(names[:4], []string{"datasource", "job", "instance", "ups"}) {
		t.Errorf("%s: variables are %v", where, names)
	}
}

func checkPanel(t *testing.T, where string, p panelModel) {
	t.Helper()
	if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" {
		t.Errorf("%s: no title, no description or no unit", where)
	}
	if !strings.HasSuffix(p.Description, ".") {
		t.Errorf("%s: the description is no sentence: %s", where, p.Description)
	}
	if len(p.Targets) == 0 {
		t.Errorf("%s: no query", where)
	}
	seen := map[string]bool{}
	for _, q := range p.Targets {
		if q.RefID == "" || seen[q.RefID] {
			t.Errorf("%s: query %q is there twice", where, q.RefID)
		}
		seen[q.RefID] = true
		if q.Datasource.UID != "${datasource}" || p.Datasource.UID != "${datasource}" {
			t.Errorf("%s: it does not ask the chosen data source", where)
		}
		if q.LegendFormat == "" && p.Type != "table" {
			t.Errorf("%s: series without a name", where)
		}
	}
}

// checkGrid looks for panels over one another, out of the grid, or with one id.
func checkGrid(t *testing.T, where string, panels []panelModel) {
	t.Helper()
	cells := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range panels {
		if ids[p.ID] || p.ID == 0 {
			t.Errorf("%s: %s has the id of another panel", where, p.Title)
		}
		ids[p.ID] = true
		if g := p.GridPos; g.X+g.W > 24 || g.W == 0 || g.H == 0 {
			t.Errorf("%s: %s does not fit in the grid: %+v", where, p.Title, g)
		}
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if other, taken := cells[at]; taken {
					t.Fatalf("%s: %s is over %s", where, p.Title, other)
				}
				cells[at] = p.Title
			}
		}
	}
}

// A list has a column for each of its queries.
func TestColumnsMatchQueries(t *testing.T) {
	for _, b := range boards() {
		for _, r := range b.rows {
			for _, p := range r.panels {
				if p.kind == list && len(p.columns) != len(p.queries) {
					t.Errorf("%s: %d columns, %d queries", p.title, len(p.columns), len(p.queries))
				}
			}
		}
	}
}
