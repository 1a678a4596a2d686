package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// source is the Prometheus that the variable datasource stands for.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

// variables are those of every dashboard: where the data is, and job, instance
// and ups, each of which narrows the next.
func variables(family string) []cog.Builder[dashboard.VariableModel] {
	return []cog.Builder[dashboard.VariableModel]{
		dashboard.NewDatasourceVariableBuilder("datasource").
			Label("Data source").
			Type("prometheus"),
		choice("job", "Job", family),
		choice("instance", "Instance", family+`{job=~"$job"}`),
		choice("ups", "UPS", family+`{job=~"$job",instance=~"$instance"}`),
	}
}

// choice is a variable with the values that a label has in a selection. All
// matches a series without the label, too.
func choice(name, title, selection string) cog.Builder[dashboard.VariableModel] {
	all := dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}}
	return dashboard.NewQueryVariableBuilder(name).
		Label(title).
		Datasource(source()).
		Query(dashboard.StringOrMap{String: new("label_values(" + selection + ", " + name + ")")}).
		Current(dashboard.VariableOption{
			Selected: new(true),
			Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value:    all,
		}).
		Multi(true).
		IncludeAll(true).
		AllValue(".*").
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortNaturalAsc)
}

// typed is a variable that is typed in.
func typed(name, title, about, value string) cog.Builder[dashboard.VariableModel] {
	return dashboard.NewTextBoxVariableBuilder(name).
		Label(title).
		Description(about).
		DefaultValue(dashboard.StringOrMap{String: new(value)}).
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{String: new(value)},
			Value: dashboard.StringOrArrayOfString{String: new(value)},
		})
}

// outages marks the times in which expr is above 0.
func outages(expr string) cog.Builder[dashboard.AnnotationQuery] {
	return dashboard.NewAnnotationQueryBuilder().
		Name("Outages").
		Datasource(source()).
		Enable(true).
		IconColor("orange").
		Expr(expand(expr)).
		TitleFormat("On battery").
		TextFormat("{{ups}}").
		TagKeys("ups,instance")
}
