package client_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

func TestTryTLSWithoutTLS(t *testing.T) {
	for _, word := range []nut.Error{nut.ErrFeatureNotConfigured, nut.ErrFeatureNotSupported, nut.ErrUnknownCommand} {
		c := serve(t, script{"STARTTLS": "ERR " + string(word) + "\n", "VER": "fake\n"}, nil)
		if err := c.StartTLS(t.Context(), nil); !errors.Is(err, word) {
			t.Errorf("start: %v", err)
		}
		if secure, err := c.TryTLS(t.Context(), nil); secure || err != nil {
			t.Errorf("try: %t, %v", secure, err)
		}
		if got, err := c.Version(t.Context()); got != "fake" || err != nil {
			t.Errorf("in clear: %q, %v", got, err)
		}
	}
}

// A server, or somebody on the way, must not get words in before TLS begins.
func TestStartTLSInjection(t *testing.T) {
	for _, answer := range []string{"OK STARTTLS\nVAR u a \"1\"\n", "OKAY\n", "hello\n"} {
		c := serve(t, script{"STARTTLS": answer}, nil)
		_, err := c.TryTLS(t.Context(), nil)
		if _, ok := errors.AsType[*client.ProtocolError](err); !ok {
			t.Errorf("%q: %v", answer, err)
		}
	}
}

func TestHandshakeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := serve(t, script{"STARTTLS": "OK STARTTLS\n"}, &client.Options{Timeout: 2 * time.Second})
		start := time.Now()
		if _, err := c.TryTLS(t.Context(), nil); err == nil || time.Since(start) > 2*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if c.Unusable() == nil {
			t.Error("still usable")
		}
	})
}
