package dashboards

import (
	"maps"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// column is what a query of a list is called. A column without a title is not
// shown: its query is there for its labels.
type column struct {
	title string
	unit  string
	steps []step
	words words
}

// joined makes one table of the queries: a line for each set of labels, a column
// for each query.
//
//nolint:misspell // Grafana's spelling
func joined(columns []column) []dashboard.DataTransformerConfig {
	hidden := map[string]bool{"Time": true}
	names := map[string]string{"ups": "UPS", "instance": "Instance", "manufacturer": "Manufacturer", "model": "Model"}
	order := map[string]int{"ups": 0, "instance": 1, "manufacturer": 2, "model": 3}
	first := len(order)
	for i, c := range columns {
		value := "Value #" + reference(i)
		if len(columns) == 1 {
			value = "Value"
		}
		if c.title == "" {
			hidden[value] = true
			continue
		}
		names[value] = c.title
		order[value] = first + i
	}
	return []dashboard.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": hidden, "renameByName": names, "indexByName": order,
		}},
	}
}

// properties are how Grafana shows the column.
//
//nolint:misspell // Grafana's spelling
func (c column) properties() []dashboard.DynamicConfigValue {
	all := []dashboard.DynamicConfigValue{{Id: "unit", Value: c.unit}}
	if len(c.steps) > 0 {
		t, _ := thresholds(c.steps).Build() // there is nothing in it that could be wrong
		all = append(all, dashboard.DynamicConfigValue{Id: "thresholds", Value: t})
	}
	if len(c.words) > 0 {
		all = append(all, dashboard.DynamicConfigValue{Id: "mappings", Value: c.words.mappings()})
	}
	if len(c.steps)+len(c.words) > 0 {
		all = append(all, dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: map[string]string{"type": "color-text"}})
	}
	return all
}

// thresholds starts with green, unless the first step has no beginning of its
// own: see below.
//
//nolint:misspell // Grafana's spelling
func thresholds(steps []step) *dashboard.ThresholdsConfigBuilder {
	all := []dashboard.Threshold{{Color: "green"}}
	for i, s := range steps {
		if i == 0 && s.value == below {
			all[0].Color = s.colour
			continue
		}
		all = append(all, dashboard.Threshold{Value: new(s.value), Color: s.colour})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(all)
}

// below is the value of a first step that goes for all that is under the second.
const below = -1e308

// mappings are the words as Grafana takes them.
//
//nolint:misspell // Grafana's spelling
func (w words) mappings() []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for i, value := range slices.Sorted(maps.Keys(w)) {
		options[value] = dashboard.ValueMappingResult{
			Text: new(w[value].text), Color: new(w[value].colour), Index: new(int32(i)),
		}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}
