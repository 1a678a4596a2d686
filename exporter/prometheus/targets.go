package prometheus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/nut"
)

// Targets shows pages about the server that a query names. Fill in the fields;
// each method makes the handler of a page.
type Targets struct {
	Local   collectors.Fleet
	Own     []net.Addr     // where Local is served: a target that is one of them is Local
	Servers *probe.Servers // the others that may be asked; nil for none
	Version string         // of the program
	Texts   bool           // whether /probe tells what is no number too
	Log     *slog.Logger
}

// query is what a page is asked for.
type query struct {
	target string // "" for the local UPSes
	user   probe.User
	ups    []string // none for all
}

// refusal is an answer in words in place of a page.
type refusal struct {
	code int
	text string
}

func (r *refusal) Error() string { return r.text }

func refuse(code int, err error) error { return &refusal{code, err.Error()} }

// maxNames bounds how many UPSes one query can name.
const maxNames = 1024

// find asks the UPSes of a query. Its error is a [*refusal].
func (t *Targets) find(ctx context.Context, q query) (*probe.Report, error) {
	if len(q.ups) > maxNames {
		return nil, &refusal{http.StatusBadRequest, fmt.Sprintf("ups: more than %d names", maxNames)}
	}
	for _, name := range q.ups {
		if !probe.IsName(name) {
			return nil, &refusal{http.StatusBadRequest, fmt.Sprintf("ups: %.80q cannot be the name of a UPS", name)}
		}
	}
	if q.target == "" {
		return t.local(q.ups), nil
	}
	address, err := probe.Address(q.target)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, err)
	}
	if t.isOwn(address) {
		return t.local(q.ups), nil
	}
	server, err := t.Servers.Lookup(address)
	if err != nil {
		return nil, refuse(http.StatusForbidden, fmt.Errorf("target %s: %w", address, err))
	}
	for _, name := range q.ups {
		if !server.Shows(name) {
			return nil, &refusal{http.StatusForbidden, fmt.Sprintf("ups: %q is not one that may be shown of target %s", name, address)}
		}
	}
	return server.Ask(ctx, q.user, q.ups...), nil
}

// local is what the agent's own UPSes say, without asking anybody.
func (t *Targets) local(names []string) *probe.Report {
	r := &probe.Report{Version: t.Version}
	left := make(map[nut.Name]string, len(names))
	for _, name := range names {
		left[nut.Name(name).Fold()] = name
	}
	for u := range t.Local.All() {
		key := nut.Name(u.Snapshot.UPS).Fold()
		if _, wanted := left[key]; wanted || len(names) == 0 {
			r.UPSes = append(r.UPSes, u)
			delete(left, key)
		}
	}
	for _, name := range names {
		key := nut.Name(name).Fold()
		if left[key] == name {
			r.UPSes = append(r.UPSes, collectors.UPS{Snapshot: new(nut.Draft).Freeze(name, nut.Absent, time.Now())})
			delete(left, key)
		}
	}
	return r
}

// isOwn tells whether the local UPSes are served at an address.
func (t *Targets) isOwn(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, _ := netip.ParseAddr(host) // the zero one for a name
	here := host == "localhost" || ip.IsLoopback()
	for _, own := range t.Own {
		at, err := netip.ParseAddrPort(own.String())
		if err != nil || strconv.Itoa(int(at.Port())) != port {
			continue
		}
		if served := at.Addr().Unmap(); served == ip.Unmap() || here && (served.IsLoopback() || served.IsUnspecified()) {
			return true
		}
	}
	return false
}

// scrapeTimeout is how Prometheus says how long it will wait.
const scrapeTimeout = "X-Prometheus-Scrape-Timeout-Seconds"

// inTime ends a little before the client gives up.
func inTime(r *http.Request) (context.Context, context.CancelFunc) {
	seconds, err := strconv.ParseFloat(r.Header.Get(scrapeTimeout), 64)
	if err != nil || !(seconds > 0 && seconds < 3600) { // nor is NaN
		return r.Context(), func() {}
	}
	limit := time.Duration(seconds * float64(time.Second))
	limit -= min(500*time.Millisecond, limit/4)
	return context.WithTimeoutCause(r.Context(), limit, errors.New("the scrape's time is over"))
}

// handle makes a handler of a page: parse says what is asked for, and draw adds
// it to the page.
func (t *Targets) handle(parse func(url.Values) (query, error), draw func(page, url.Values, *probe.Report)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		values, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			http.Error(w, "query: "+err.Error(), http.StatusBadRequest)
			return
		}
		q, err := parse(values)
		var report *probe.Report
		if err == nil {
			ctx, cancel := inTime(r)
			defer cancel()
			report, err = t.find(ctx, q)
		}
		if refused, ok := errors.AsType[*refusal](err); ok {
			http.Error(w, refused.text, refused.code)
			return
		}
		p := make(page)
		draw(p, values, report)
		if err := answer(w, r, p.whole); err != nil && r.Context().Err() == nil {
			t.Log.Warn("page about a target is not whole", "error", err)
		}
	})
}

// whole writes a page that has nothing but its families.
func (p page) whole(w io.Writer, format expfmt.Format) error {
	if err := p.write(w); err != nil {
		return err
	}
	if !strings.HasPrefix(string(format), expfmt.OpenMetricsType) {
		return nil
	}
	_, err := io.WriteString(w, "# EOF\n")
	return err
}
