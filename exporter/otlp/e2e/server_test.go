package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/web"
)

// server is a Prometheus that takes OTLP, which that of the distribution is too old
// for: its parts as they are set up by default, with its web server before them.
type server struct {
	testing.TB

	url string
	get *http.Client
}

// startServer starts a Prometheus that scrapes an address as the job "scraped",
// until the test ends.
func startServer(t *testing.T, target string) *server {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	db, err := tsdb.Open(t.TempDir(), quiet, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	settings, err := config.Load("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs: [{job_name: scraped}]\n", quiet)
	if err != nil {
		t.Fatal(err)
	}
	scraper, err := scrape.NewManager(nil, quiet, nil, nil, db, client.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	parse := parser.NewParser(parser.Options{})
	handler := web.New(quiet, &web.Options{
		Context: t.Context(), Storage: db, ExemplarStorage: db, ScrapeManager: scraper, ListenAddresses: []string{"127.0.0.1:0"},
		QueryEngine: promql.NewEngine(promql.EngineOpts{Logger: quiet, MaxSamples: 50e6, Timeout: time.Minute, Parser: parse}),
		ExternalURL: new(url.URL), RoutePrefix: "/", MaxConnections: 16, ReadTimeout: time.Minute, LookbackDelta: 5 * time.Minute,
		Registerer: client.NewRegistry(), Gatherer: client.NewRegistry(), EnableOTLPWriteReceiver: true, Parser: parse,
	})
	for _, part := range []interface{ ApplyConfig(*config.Config) error }{handler, scraper} {
		if err := part.ApplyConfig(settings); err != nil {
			t.Fatal(err)
		}
	}
	targets := make(chan map[string][]*targetgroup.Group, 1)
	targets <- map[string][]*targetgroup.Group{"scraped": {{Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(target)}}}}}
	go func() { _ = scraper.Run(targets) }()
	t.Cleanup(scraper.Stop)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- handler.Run(ctx, []net.Listener{l}, "") }()
	t.Cleanup(func() { cancel(); <-ended })
	handler.SetReady(web.Ready)
	return &server{t, "http://" + l.Addr().String(), &http.Client{Timeout: time.Minute}}
}

// series asks the query API for the latest values of a job's series of ours, by
// their labels without those that stand for the target.
func (s *server) series(job string) (map[string]float64, error) {
	query := fmt.Sprintf(`{__name__=~"nut_.*", __name__!~"nut_otlp_.*", job=%q}`, job)
	answer, err := s.get.Get(s.url + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var found struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Value  [2]any
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil || found.Error != "" {
		return nil, fmt.Errorf("%s: %s, %w", query, found.Error, err)
	}
	all := make(map[string]float64)
	for _, r := range found.Data.Result {
		delete(r.Metric, "job")
		delete(r.Metric, "instance")
		text, _ := r.Value[1].(string)
		if all[labels.FromMap(r.Metric).String()], err = strconv.ParseFloat(text, 64); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// await asks until a job has as many series, and returns them.
func (s *server) await(job string, least int) map[string]float64 {
	s.Helper()
	late := time.After(time.Minute)
	for {
		all, err := s.series(job)
		if err == nil && len(all) >= least {
			return all
		}
		select {
		case <-late:
			s.Fatalf("job %s has %d series, %v", job, len(all), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
