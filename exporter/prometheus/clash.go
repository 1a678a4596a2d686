package prometheus

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// unclash makes counters untyped whose name without _total another family has:
// OpenMetrics calls the family of a counter by that name, and no two families
// may have the same. The plain text format has no such rule.
func unclash(families []*dto.MetricFamily, format expfmt.Format) {
	if !strings.HasPrefix(string(format), expfmt.OpenMetricsType) {
		return
	}
	names := make(map[string]bool, len(families))
	for _, f := range families {
		names[f.GetName()] = true
	}
	for _, f := range families {
		short, ok := strings.CutSuffix(f.GetName(), "_total")
		if !ok || f.GetType() != dto.MetricType_COUNTER || !names[short] {
			continue
		}
		f.Type = dto.MetricType_UNTYPED.Enum()
		for _, m := range f.Metric {
			m.Untyped, m.Counter = &dto.Untyped{Value: m.GetCounter().Value}, nil
		}
	}
}
