package prometheus

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
)

var successDesc = &collectors.Desc{
	Name: "nut_probe_success",
	Help: "Whether the server could be asked about all its UPSes.",
}

// Descs are the families that only /probe has.
func Descs() []*collectors.Desc { return []*collectors.Desc{successDesc} }

// Probe answers /probe?target=host[:port]&ups=: the families of /metrics for
// the UPSes of one server, or for those of them that ups names, which may be
// there more than once. A server that cannot be asked is told by
// nut_probe_success and nut_ups_up, and is no error.
func (t *Targets) Probe() http.Handler {
	renderer := newRenderer()
	return t.handle(parseProbe, func(p page, _ url.Values, r *probe.Report) {
		var fleet collectors.Fleet = r
		if t.Texts {
			fleet = collectors.WithTexts(r)
		}
		success := 1.
		if r.Err != nil {
			success = 0
		}
		p.add(collectors.Sample{Desc: successDesc, Value: success})
		renderer.fleet(p, fleet, time.Now())
	})
}

func parseProbe(v url.Values) (query, error) {
	q := query{target: v.Get("target"), ups: given(v["ups"])}
	if q.target == "" {
		return q, refuse(http.StatusBadRequest, errors.New("target: there is none, as in /probe?target=nas.example.org:3493"))
	}
	return q, nil
}

// given leaves out what is empty.
func given(values []string) []string {
	var all []string
	for _, v := range values {
		if v != "" {
			all = append(all, v)
		}
	}
	return all
}
