package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/wattnut/wattnut/collectors"
)

// Server serves the web. Fill in the fields, then call Serve.
type Server struct {
	Fleet    collectors.Fleet // what the landing page shows
	Metrics  http.Handler     // answers /metrics
	Pages    Pages            // further pages
	Version  string           // of the program, for the landing page
	Ready    func() error     // nil once the work has begun, else what is waited for; a nil Ready is always ready
	Config   string           // a file that asks for TLS and passwords, as Prometheus exporters take it; "" asks for neither
	MaxConns int              // connections open at once; 0 means 256
	Log      *slog.Logger     // nil discards
}

// Pages are pages that may be there or not, by their path: "/probe".
type Pages map[string]http.Handler

// How long a client may take, and how long the end of the server may.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	endTimeout    = 5 * time.Second
)

const (
	maxHeader       = 16 << 10
	maxBody         = 64 << 10
	defaultMaxConns = 256
)

// Serve answers on l until ctx ends, and then lets the answers under way
// finish for a few seconds. It closes l. The end of ctx is no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	logger := s.Log
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	conns := s.MaxConns
	if conns == 0 {
		conns = defaultMaxConns
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	return until(ctx, server, l.Addr(), func() error { return s.serve(server, limit(l, conns), logger) })
}

// until serves until ctx ends, and then lets the answers under way finish for a
// few seconds. The end of ctx is no error.
func until(ctx context.Context, server *http.Server, at net.Addr, serve func() error) error {
	served := make(chan error, 1)
	go func() { served <- serve() }()
	select {
	case err := <-served:
		return errors.Join(fmt.Errorf("web %s: %w", at, err), server.Close())
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	err := server.Shutdown(end)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// serve answers as Config asks for, which is read again by itself.
func (s *Server) serve(server *http.Server, l net.Listener, logger *slog.Logger) error {
	if s.Config == "" {
		return server.Serve(l)
	}
	return web.Serve(l, server, &web.FlagConfig{WebConfigFile: &s.Config}, logger)
}

// CheckConfig tells what is wrong with a file for Config, and with those that it
// names.
func CheckConfig(path string) error {
	if err := web.Validate(path); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// Handler is what Serve answers with.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.landing)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	if s.Metrics != nil {
		mux.Handle("GET /metrics", s.Metrics)
	}
	for path, page := range s.Pages {
		mux.Handle("GET "+path, page)
	}
	return guard(mux)
}

// guard bounds what is read of a request and tells the browser to trust
// nothing but what is on the page.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		h := w.Header()
		if h.Get("Content-Security-Policy") == "" { // Config may have said it
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.Ready != nil {
		if err := s.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ready")
}
