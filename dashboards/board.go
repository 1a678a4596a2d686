package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is one dashboard, as its author writes it.
type board struct {
	name     string // of the file; the uid is wattnut-name
	title    string
	about    string
	from     string // the start of the time that is shown first, as now-24h
	presence string // family whose labels fill the variables job, instance and ups
	outages  string // expression that is 1 while a UPS is on battery
	own      []cog.Builder[dashboard.VariableModel]
	rows     []row
}

// row is panels under a heading. They are laid out from left to right, 24
// columns wide.
type row struct {
	title  string
	panels []panel
}

// tag is what the dashboards find each other by.
const tag = "wattnut"

// build makes the kind of JSON that every Grafana still in use imports; the newer
// kind needs version 12.
//
//nolint:staticcheck // what is said to be deprecated is what is wanted
func (b board) build() (dashboard.Dashboard, error) {
	d := dashboard.NewDashboardBuilder(b.title).
		Uid(tag+"-"+b.name).
		Description(b.about).
		Tags([]string{tag, "nut", "ups"}).
		Readonly().
		Time(b.from, "now").
		Refresh("30s").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Variables(append(variables(b.presence), b.own...)).
		Annotation(outages(b.outages)).
		Link(dashboard.NewDashboardLinkBuilder("UPS dashboards").
			Type(dashboard.DashboardLinkTypeDashboards).
			Tags([]string{tag}).
			AsDropdown(true).
			IncludeVars(true).
			KeepTime(true))
	id := uint32(0)
	for _, r := range b.rows {
		id++
		d.WithRow(dashboard.NewRowBuilder(r.title).Id(id))
		for _, p := range r.panels {
			id++
			d.WithPanel(numbered{p, id})
		}
	}
	return d.Build()
}
