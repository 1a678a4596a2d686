package otlp

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// The clients read the rest of the environment themselves.

func metricClient(ctx context.Context, p Protocol) (sdkmetric.Exporter, error) {
	if p == grpc {
		return otlpmetricgrpc.New(ctx)
	}
	return otlpmetrichttp.New(ctx)
}

func logClient(ctx context.Context, p Protocol) (sdklog.Exporter, error) {
	if p == grpc {
		return otlploggrpc.New(ctx)
	}
	return otlploghttp.New(ctx)
}
