package otlp

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	"golang.org/x/sync/errgroup"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

const (
	// grace is how long the last words may take: whoever ends this program
	// does not wait longer for a collector.
	grace = 2 * time.Second
	// maxPoints are sent in one message: collectors take no more than 4 MiB
	// by gRPC unless told otherwise.
	maxPoints = 8192
)

// Config is what an Exporter sends.
type Config struct {
	Fleet    collectors.Fleet
	Sources  []collectors.Source // what else there is to say; of other names than the fleet's
	Version  string              // of this program
	Instance string              // of this installation, see [Instance]
	Hardware bool                // whether to send hw.* beside nut.*
	Log      *slog.Logger        // never nil
}

// Exporter sends metrics and events to a collector. Its methods may be called
// from any goroutine. Make one with [New].
type Exporter struct {
	outcomes []*outcome
	urgent   chan struct{} // has a value when the metrics are to be sent at once

	metrics *sdkmetric.MeterProvider // nil for none
	logs    *sdklog.LoggerProvider   // nil for none
	queue   *queue                   // of logs
	logger  log.Logger               // of logs
}

// New returns an Exporter that sends as s says, which must not be Off. Run must
// be called. It is no error that no collector answers.
func New(ctx context.Context, s Settings, c Config) (*Exporter, error) {
	who, err := newResource(ctx, c.Version, c.Instance)
	if err != nil {
		c.Log.Warn("attributes of the environment", "error", err) // who has the rest of them
	}
	e := &Exporter{urgent: make(chan struct{}, 1)}
	if s.Logs != off {
		client, err := logClient(ctx, s.Logs)
		if err != nil {
			return nil, err
		}
		e.sendLogs(client, s, c, who)
	}
	if s.Metrics != off {
		client, err := metricClient(ctx, s.Metrics)
		if err != nil {
			return nil, errors.Join(err, e.close(ctx))
		}
		e.sendMetrics(client, c, who)
	}
	return e, nil
}

func (e *Exporter) sendMetrics(client sdkmetric.Exporter, c Config, who *resource.Resource) {
	o := e.outcome("metrics", c.Log)
	c.Sources = append([]collectors.Source{e}, c.Sources...)
	reader := sdkmetric.NewPeriodicReader(metricSender{client, o},
		sdkmetric.WithProducer(newProducer(c, time.Now())), sdkmetric.WithMaxExportBatchSize(maxPoints))
	e.metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(who))
}

func (e *Exporter) sendLogs(client sdklog.Exporter, s Settings, c Config, who *resource.Resource) {
	e.queue = newQueue(client, e.outcome("logs", c.Log), s)
	e.logs = sdklog.NewLoggerProvider(sdklog.WithProcessor(e.queue), sdklog.WithResource(who))
	e.logger = e.logs.Logger(scopeName, log.WithInstrumentationVersion(c.Version))
}

func (e *Exporter) outcome(signal string, logger *slog.Logger) *outcome {
	o := &outcome{signal: signal, log: logger}
	e.outcomes = append(e.outcomes, o)
	return o
}

// metricSender tells the outcome to us in place of the SDK, which would write
// it past our log.
type metricSender struct {
	sdkmetric.Exporter
	outcome *outcome
}

// Export implements [sdkmetric.Exporter].
func (s metricSender) Export(ctx context.Context, m *metricdata.ResourceMetrics) error {
	s.outcome.note(s.Exporter.Export(ctx, m))
	return nil
}

// Event sends an event, without waiting: it is kept until the collector takes
// it. While it does not, the newest are kept for up to an hour; what is dropped is
// counted.
func (e *Exporter) Event(event nut.Event) {
	if e.logger != nil {
		e.logger.Emit(context.Background(), record(event, time.Now()))
	}
	if isUrgent(event) {
		select {
		case e.urgent <- struct{}{}:
		default:
		}
	}
}

// Run sends until ctx ends, then once more what there is, for two seconds at
// most. Its error is always nil.
func (e *Exporter) Run(ctx context.Context) error {
	var all sync.WaitGroup
	if e.queue != nil {
		all.Go(func() { e.queue.run(ctx) })
	}
	all.Go(func() { e.hurry(ctx) })
	all.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	// What goes wrong now has been told by the outcomes.
	_ = e.close(last)
	return nil
}

// hurry sends the metrics whenever an event asks for it.
func (e *Exporter) hurry(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.urgent:
			if e.metrics != nil {
				_ = e.metrics.ForceFlush(ctx) // the same
			}
		}
	}
}

// Flush sends all there is now. It returns when that has been tried, or with
// ctx's error when ctx ends, which it should soon: it is for those about to shut
// the host down, who do not wait for a collector.
func (e *Exporter) Flush(ctx context.Context) error {
	return e.each(func(s sender) error { return s.ForceFlush(ctx) })
}

// close sends all there is and ends the clients.
func (e *Exporter) close(ctx context.Context) error {
	return e.each(func(s sender) error { return s.Shutdown(ctx) })
}

// sender is what the providers of metrics and logs have in common.
type sender interface {
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// each does something with both at once.
func (e *Exporter) each(do func(sender) error) error {
	var g errgroup.Group
	if e.metrics != nil {
		g.Go(func() error { return do(e.metrics) })
	}
	if e.logs != nil {
		g.Go(func() error { return do(e.logs) })
	}
	return g.Wait()
}
