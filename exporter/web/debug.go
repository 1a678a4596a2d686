package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
	"time"
)

// Debug is a server for who runs the program, on a loopback address of its own:
//
//	/debug/pprof/  profiles, as go tool pprof takes them
//	/debug/level   the level of the log: GET tells it, PUT sets it, as in
//	               curl -X PUT -d debug http://127.0.0.1:6060/debug/level
//
// It asks for no password, so it answers on no other address, and to no web
// page of another origin.
type Debug struct {
	Level *slog.LevelVar // of the log
	Log   *slog.Logger
}

// profileTime is the longest profile, and a little more.
const profileTime = 10 * time.Minute

var errNotLoopback = errors.New("it is not a loopback address, such as 127.0.0.1:6060")

// Serve answers on l until ctx ends, which is no error. It closes l.
func (d *Debug) Serve(ctx context.Context, l net.Listener) error {
	if !isLoopback(l.Addr().String()) {
		return errors.Join(fmt.Errorf("debug listener %s: %w", l.Addr(), errNotLoopback), l.Close())
	}
	const conns = 16
	server := &http.Server{
		Handler:           d.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      profileTime,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(d.Log.Handler(), slog.LevelDebug),
	}
	return until(ctx, server, l.Addr(), func() error { return server.Serve(limit(l, conns)) })
}

// Handler is what Serve answers with.
func (d *Debug) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/level", d.level)
	mux.HandleFunc("PUT /debug/level", d.setLevel)
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.Host) { // the name of a page that was led here
			http.Error(w, "host: "+errNotLoopback.Error(), http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

func (d *Debug) level(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, strings.ToLower(d.Level.Level().String()))
}

func (d *Debug) setLevel(w http.ResponseWriter, r *http.Request) {
	const longest = 16
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longest))
	var level slog.Level
	if err == nil {
		err = level.UnmarshalText([]byte(strings.TrimSpace(string(text))))
	}
	if err != nil {
		http.Error(w, "level: it is none of debug, info, warn, error", http.StatusBadRequest)
		return
	}
	d.Level.Set(level)
	d.Log.Log(r.Context(), max(level, slog.LevelInfo), "log level set", "level", level.String())
	d.level(w, r)
}

// isLoopback tells whether host[:port] can only be reached from this machine.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
