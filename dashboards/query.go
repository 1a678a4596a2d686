package dashboards

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
)

// query is an expression and how its series are called. A selector {ups} stands
// for what is chosen above the panels; {agent} does so for families without the
// label ups. More matchers may follow: {ups, status="RB"}.
type query struct {
	expr   string
	legend string
}

// expand writes an expression's selectors out.
func expand(expr string) string {
	const agent = `{job=~"$job", instance=~"$instance"`
	const ups = agent + `, ups=~"$ups"`
	return strings.NewReplacer("{ups}", ups+"}", "{ups,", ups+",", "{agent}", agent+"}").Replace(expr)
}

// each is a query with a series for each UPS.
func each(expr string) []query { return []query{{expr: expr, legend: "{{ups}}"}} }

// target is a query as the n-th of a panel. One that is shown as it is now is
// asked for one moment.
func (q query) target(n int, k kind) cog.Builder[variants.Dataquery] {
	b := prometheus.NewDataqueryBuilder().
		RefId(reference(n)).
		Datasource(source()).
		EditorMode(prometheus.QueryEditorModeCode).
		Expr(expand(q.expr)).
		LegendFormat(q.legend)
	switch k {
	case list:
		return b.Instant().Format(prometheus.PromQueryFormatTable)
	case number:
		return b.Instant()
	default:
		return b.Range()
	}
}

// reference is the n-th query's letter; a panel has no more than 26.
func reference(n int) string { return fmt.Sprintf("%c", 'A'+n) }
