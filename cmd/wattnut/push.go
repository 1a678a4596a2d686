package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/conf"
)

// push makes the sender to an OpenTelemetry collector, where the environment
// asks for one. A mistake there keeps nothing else from its work.
func (s *station) push(ctx context.Context, c *config.Config) {
	settings, err := otlp.FromEnv()
	if err != nil {
		s.log.Error("nothing is sent to a collector", "error", err)
		return
	}
	if settings.Off() {
		return
	}
	otel.SetErrorHandler(sdkErrors{s.log})
	s.sender, err = otlp.New(ctx, settings, otlp.Config{
		Fleet: s.fleet(c.Env), Sources: s.sources(), Version: version,
		Instance: s.instance(c), Hardware: bool(c.Env.OTLPHardware), Log: s.log,
	})
	if err != nil {
		s.log.Error("nothing is sent to a collector", "error", err)
		return
	}
	s.log.Info("sending to a collector", "metrics", string(settings.Metrics), "logs", string(settings.Logs))
}

// checkPush reports what push could not use.
func checkPush(r *config.Report) {
	if _, err := otlp.FromEnv(); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.Problems = append(r.Problems, conf.Problem{File: "the environment", Severity: conf.Error, Text: line})
		}
	}
}

// instance is the identity of this installation. It is kept in the folder that
// systemd has for what outlasts a reboot, or else in the state folder.
func (s *station) instance(c *config.Config) string {
	err := c.MakeStateDir()
	lasting, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":")
	id, keepErr := otlp.Instance(cmp.Or(lasting, c.StateDir))
	if err = cmp.Or(err, keepErr); err != nil {
		s.log.Warn("identity of this installation not kept", "error", err)
	}
	return id
}

// sources is what the agent says of itself.
func (s *station) sources() []collectors.Source {
	all := []collectors.Source{counts{s.agent}, watchCounts{s}, accounts{s}}
	if s.sender != nil {
		all = append(all, s.sender)
	}
	return all
}

// event passes on what happened to a UPS. It does not wait.
func (s *station) event(e nut.Event) {
	if s.sender != nil {
		s.sender.Event(e)
	}
}

// hostEvents passes on what the watch knows and no device says: that contact
// cannot be made, and what becomes of this host.
type hostEvents struct{ station *station }

// Notify implements [monitor.Notifier].
func (h hostEvents) Notify(n monitor.Notify) {
	switch n.Type {
	case monitor.NoComm, monitor.NoParent, monitor.Forced, monitor.Shutdown, monitor.ShutdownHostSync,
		monitor.SuspendStarting, monitor.SuspendFinished, monitor.TimeJump:
		ups := n.UPS
		if name, _, _ := strings.Cut(ups, "@"); h.station.agent.Store().Lookup(name) != nil {
			ups = name // one of ours, whose metrics have that name
		}
		h.station.event(nut.Event{Time: time.Now(), UPS: ups, Type: n.Type.String(), Text: n.Text})
	default: // the device has told it
	}
}

// sdkErrors is told what OpenTelemetry's SDK has no other place for. What
// matters has been told by then: see [otlp.New].
type sdkErrors struct{ log *slog.Logger }

// Handle implements [otel.ErrorHandler].
func (e sdkErrors) Handle(err error) { e.log.Debug("OpenTelemetry", "error", err) }
