package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// kind is how a panel shows its data.
type kind int

const (
	graph    kind = iota // lines over time
	number               // one number for each series, as it is now
	timeline             // states over time
	list                 // a line for each UPS, a column for each query
)

// panel is what is to be seen in one place.
type panel struct {
	kind    kind
	title   string
	about   string
	unit    string
	width   uint32 // of 24; 0 is 12
	height  uint32 // 0 is 8
	from    *float64
	to      *float64
	steps   []step // where colours change; none is green throughout
	words   words  // said instead of numbers
	queries []query
	columns []column // for a list: what its queries are called
	colour  bool     // numbers on a coloured ground
}

// step is a colour from a value on.
type step struct {
	value  float64
	colour string
}

// words maps values to what is said instead.
type words map[string]word

type word struct{ text, colour string }

// numbered is a panel with its number, ready to be built.
type numbered struct {
	panel
	id uint32
}

// Build implements [cog.Builder].
func (p numbered) Build() (dashboard.Panel, error) {
	built, err := p.shape().Build()
	if err != nil {
		return built, err
	}
	for i, q := range p.queries {
		t, err := q.target(i, p.kind).Build()
		if err != nil {
			return built, err
		}
		built.Targets = append(built.Targets, t)
	}
	steps, err := thresholds(p.steps).Build()
	if err != nil {
		return built, err
	}
	built.Id, built.Title, built.Description = &p.id, &p.title, &p.about
	built.Datasource = new(source())
	built.GridPos = &dashboard.GridPos{W: or(p.width, 12), H: or(p.height, 8)}
	if built.FieldConfig == nil {
		built.FieldConfig = dashboard.NewFieldConfigSource()
	}
	built.FieldConfig.Defaults.Unit = &p.unit
	built.FieldConfig.Defaults.Thresholds = &steps
	if len(p.words) > 0 {
		built.FieldConfig.Defaults.Mappings = p.words.mappings()
	}
	return built, nil
}

// shape is what is special about the kind of panel.
func (p numbered) shape() cog.Builder[dashboard.Panel] {
	switch p.kind {
	case number:
		return p.number()
	case timeline:
		return statetimeline.NewPanelBuilder().
			MergeValues(true).
			ShowValue(common.VisibilityModeNever).
			RowHeight(0.8).
			Tooltip(common.NewVizTooltipOptionsBuilder().
				Mode(common.TooltipDisplayModeSingle).
				Sort(common.SortOrderNone))
	case list:
		return p.list()
	default:
		return p.graph()
	}
}

func or(n, otherwise uint32) uint32 {
	if n == 0 {
		return otherwise
	}
	return n
}

func (p numbered) graph() *timeseries.PanelBuilder {
	b := timeseries.NewPanelBuilder().
		LineWidth(1).
		FillOpacity(8).
		ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().
			DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).
			ShowLegend(true)).
		Tooltip(common.NewVizTooltipOptionsBuilder().
			Mode(common.TooltipDisplayModeMulti).
			Sort(common.SortOrderDescending)).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassicByName))
	if len(p.steps) > 0 {
		b.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	if p.from != nil {
		b.Min(*p.from)
	}
	if p.to != nil {
		b.Max(*p.to)
	}
	return b
}

func (p numbered) number() *stat.PanelBuilder {
	b := stat.NewPanelBuilder().
		GraphMode(common.BigValueGraphModeNone).
		Orientation(common.VizOrientationAuto).
		ColorMode(common.BigValueColorModeValue).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	if p.colour {
		b.ColorMode(common.BigValueColorModeBackground)
	}
	return b
}

func (p numbered) list() *table.PanelBuilder {
	b := table.NewPanelBuilder().Transformations(joined(p.columns))
	for _, c := range p.columns {
		b.OverrideByName(c.title, c.properties())
	}
	return b
}
