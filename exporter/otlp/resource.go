package otlp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// newResource says who sends: this program, this installation of it, this
// host. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME go before that.
func newResource(ctx context.Context, version, instance string) (*resource.Resource, error) {
	attributes := []attribute.KeyValue{
		attribute.String("service.name", "wattnut"),
		attribute.String("service.version", version),
		attribute.String("service.instance.id", instance),
	}
	if host, err := os.Hostname(); err == nil {
		attributes = append(attributes, attribute.String("host.name", host))
	}
	return resource.New(ctx, resource.WithAttributes(attributes...), resource.WithTelemetrySDK(), resource.WithFromEnv())
}

// instanceFile is where an installation keeps its identity.
const instanceFile = "instance-id"

// Instance is the identity of this installation, a random UUID that is made on
// first use and kept in dir. Where it cannot be kept, it comes with an error
// and is good for this run.
func Instance(dir string) (string, error) {
	file := filepath.Join(dir, instanceFile)
	text, err := os.ReadFile(file)
	if err == nil {
		if id, err := uuid.Parse(strings.TrimSpace(string(text))); err == nil {
			return id.String(), nil
		}
	}
	id := uuid.NewString()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return id, fmt.Errorf("identity of the installation: %w", err)
	}
	if err := os.WriteFile(file, []byte(id+"\n"), 0o600); err != nil {
		return id, fmt.Errorf("identity of the installation: %w", err)
	}
	return id, nil
}
