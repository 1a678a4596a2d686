package otlp

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Protocol is how a signal is sent: "http/protobuf", "grpc", or "" for not at
// all.
type Protocol string

const (
	off  Protocol = ""
	http Protocol = "http/protobuf"
	grpc Protocol = "grpc"
)

// Settings is what the environment asks for. The zero Settings sends nothing.
type Settings struct {
	Metrics, Logs Protocol

	queue   int           // events that wait at most
	batch   int           // events sent at once at most
	timeout time.Duration // for sending them
}

// Off tells whether nothing is to be sent.
func (s Settings) Off() bool { return s.Metrics == off && s.Logs == off }

// FromEnv reads the environment. A signal is sent where an endpoint is set for
// it, or its exporter is asked for by name. The error says all that is wrong;
// the Settings are then those that send nothing.
func FromEnv() (Settings, error) {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return Settings{}, nil
	}
	var e environment
	s := Settings{
		Metrics: e.signal("METRICS"),
		Logs:    e.signal("LOGS"),
		queue:   e.number("OTEL_BLRP_MAX_QUEUE_SIZE", 2048),
		batch:   e.number("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512),
		timeout: e.milliseconds("OTEL_BLRP_EXPORT_TIMEOUT", 30*time.Second),
	}
	if s.Off() && len(e.errs) == 0 {
		return Settings{}, nil
	}
	e.milliseconds("OTEL_METRIC_EXPORT_INTERVAL", time.Minute)
	e.milliseconds("OTEL_METRIC_EXPORT_TIMEOUT", time.Minute)
	if err := errors.Join(e.errs...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// environment collects what is wrong with the environment. The exporters of
// the SDK read the same variables; what they cannot read they leave out, and
// say so nowhere that anyone looks.
type environment struct{ errs []error }

func (e *environment) bad(name, format string, args ...any) {
	e.errs = append(e.errs, fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...)))
}

// signal says how a signal, METRICS or LOGS, is to be sent.
func (e *environment) signal(signal string) Protocol {
	exporter := "OTEL_" + signal + "_EXPORTER"
	_, endpoint := e.lookup(signal, "ENDPOINT")
	switch value := os.Getenv(exporter); {
	case value == "none", value == "" && endpoint == "":
		return off
	case value != "" && value != "otlp":
		e.bad(exporter, "%q is neither otlp nor none", value)
		return off
	}
	e.transport(signal)
	name, value := e.lookup(signal, "PROTOCOL")
	protocol := Protocol(cmp.Or(value, string(http)))
	if protocol != http && protocol != grpc {
		e.bad(name, "%q is neither %s nor %s", value, http, grpc)
	}
	return protocol
}

// transport checks what the exporters read by themselves.
func (e *environment) transport(signal string) {
	for _, check := range []struct {
		option string
		ok     func(string) error
	}{
		{"ENDPOINT", isURL},
		{"TIMEOUT", isMilliseconds},
		{"COMPRESSION", isCompression},
		{"HEADERS", areHeaders},
		{"CERTIFICATE", isCertificate},
		{"CLIENT_CERTIFICATE", isCertificate},
		{"CLIENT_KEY", isReadable},
	} {
		if name, value := e.lookup(signal, check.option); value != "" {
			if err := check.ok(value); err != nil {
				e.errs = append(e.errs, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
}

// lookup finds an option of a signal's, or else that of all signals.
func (e *environment) lookup(signal, option string) (name, value string) {
	name = "OTEL_EXPORTER_OTLP_" + signal + "_" + option
	if value = os.Getenv(name); value != "" {
		return name, value
	}
	name = "OTEL_EXPORTER_OTLP_" + option
	return name, os.Getenv(name)
}

func (e *environment) number(name string, otherwise int) int {
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxNumber {
		e.bad(name, "%q is not a number from 1 to %d", value, maxNumber)
		return otherwise
	}
	return n
}

func (e *environment) milliseconds(name string, otherwise time.Duration) time.Duration {
	return time.Duration(e.number(name, int(otherwise.Milliseconds()))) * time.Millisecond
}

// maxNumber bounds what may be set: as milliseconds, 11 days.
const maxNumber = 1_000_000_000

func isMilliseconds(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 1 || n > maxNumber {
		return fmt.Errorf("%q is not a number of milliseconds", value)
	}
	return nil
}

func isURL(value string) error {
	u, err := url.Parse(value)
	if err != nil {
		return err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q does not begin with http:// or https:// and a host", value)
	}
	return nil
}

func isCompression(value string) error {
	if value != "gzip" && value != "none" {
		return fmt.Errorf("%q is neither gzip nor none", value)
	}
	return nil
}

// areHeaders does not show the value in what it says: it may be a secret.
func areHeaders(value string) error {
	for pair := range strings.SplitSeq(value, ",") {
		key, _, ok := strings.Cut(pair, "=")
		if !ok || strings.TrimSpace(key) == "" {
			return errors.New("it is not a list like key=value,key=value")
		}
	}
	return nil
}

func isCertificate(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !x509.NewCertPool().AppendCertsFromPEM(text) {
		return fmt.Errorf("%s has no certificate in it", file)
	}
	return nil
}

func isReadable(file string) error {
	_, err := os.ReadFile(file)
	return err
}
