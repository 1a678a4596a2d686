package prometheus

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/exporter/probe"
)

// Discovery answers /sd with a list for Prometheus' HTTP service discovery.
//
// The list has what to scrape: this agent, and each server that may be asked
// behind /probe. With role=host it has the hosts that UPSes feed, as far as they
// log in to their server, each with the UPS as a label.
func (t *Targets) Discovery(logins func(ups string) []string) http.Handler {
	d := &discovery{targets: t, logins: logins, hosts: newHosts()}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list []group
		switch role := r.URL.Query().Get("role"); role {
		case "", "ups":
			list = d.scrapes(r)
		case "host":
			list = d.fed(r)
		default:
			http.Error(w, "role: it is neither ups nor host", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(list) // an error means that the reader is gone
	})
}

// group is one entry of the list.
type group struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// The labels of the list. Lists in them begin and end with a comma, as
// Prometheus' own discoveries have it, so that ",rack1," can be searched for.
const (
	roleLabel    = "__meta_nut_role"    // agent, server or host
	serverLabel  = "__meta_nut_server"  // host:port; "" for the agent
	serversLabel = "__meta_nut_servers" // the servers of the UPSes that feed a host
	upsesLabel   = "__meta_nut_ups"     // all UPSes of the server, or that feed the host
	upsLabel     = "ups"                // the UPS that feeds a host, if it is just one
)

type discovery struct {
	targets *Targets
	logins  func(ups string) []string
	hosts   *hosts
}

// scrapes are the pages to scrape. They need no relabelling: all are pages of
// this agent, at the address by which it was asked.
func (d *discovery) scrapes(r *http.Request) []group {
	here := address(r)
	var names []string
	for u := range d.targets.Local.All() {
		names = append(names, u.Snapshot.UPS)
	}
	list := []group{{[]string{here}, map[string]string{
		"__metrics_path__": "/metrics", roleLabel: "agent", serverLabel: "", upsesLabel: commas(names),
	}}}
	return append(list, d.servers(r.Context(), here)...)
}

// servers are the pages about the servers, in the order of the file.
func (d *discovery) servers(ctx context.Context, here string) []group {
	ctx, cancel := context.WithTimeout(ctx, discoveryTime)
	defer cancel()
	servers := slices.Collect(d.targets.Servers.All())
	list := make([]group, len(servers))
	var g errgroup.Group
	g.SetLimit(maxServersAtOnce)
	for i, s := range servers {
		g.Go(func() error {
			labels := map[string]string{
				"__metrics_path__": "/probe", "__param_target": s.Address, "instance": s.Address,
				roleLabel: "server", serverLabel: s.Address, upsesLabel: commas(s.Names(ctx)),
			}
			maps.Copy(labels, s.Labels) // what the operator says wins
			list[i] = group{[]string{here}, labels}
			return nil
		})
	}
	_ = g.Wait() // there are no errors
	return list
}

// address is where the client found this agent.
func address(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return "localhost"
}

func commas(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "," + strings.Join(words, ",") + ","
}

const (
	maxServersAtOnce = 16
	discoveryTime    = 20 * time.Second
)

// fed are the hosts that UPSes feed. A host that was seen stays for a while: it
// logs out just when its UPS has it shut down, and then its mapping is needed.
func (d *discovery) fed(r *http.Request) []group {
	now := time.Now()
	for u := range d.targets.Local.All() {
		for _, client := range d.logins(u.Snapshot.UPS) {
			d.hosts.see(client, address(r), feed{ups: u.Snapshot.UPS}, now)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), discoveryTime)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(maxServersAtOnce)
	servers := map[string]bool{"": true}
	for s := range d.targets.Servers.All() {
		servers[s.Address] = true
		g.Go(func() error {
			d.ask(ctx, s, now)
			return nil
		})
	}
	_ = g.Wait() // there are no errors: who was not heard stays as it was
	return d.hosts.groups(now, servers)
}

// ask sees who is logged in at a server.
func (d *discovery) ask(ctx context.Context, s *probe.Server, now time.Time) {
	all, err := s.Clients(ctx)
	if err != nil {
		d.targets.Log.Debug("logins are not all known", "target", s.Address, "error", err)
	}
	for ups, clients := range all {
		for _, client := range clients {
			d.hosts.see(client, s.Address, feed{ups: ups, server: s.Address}, now)
		}
	}
}
