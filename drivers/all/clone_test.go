package all

import (
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/clone"
)

func TestFollow(t *testing.T) {
	env := drivers.Env{UPS: "c", StateDir: t.TempDir()}
	_, err := follow(t.Context(), env, clone.Base{Port: "usbhid-ups-real"})
	if !errors.Is(err, drivers.ErrGone) || !strings.Contains(err.Error(), "UPS@localhost") {
		t.Errorf("no socket: %v", err)
	}
	if _, err := follow(t.Context(), env, clone.Base{Port: "real@127.0.0.1:1", User: "u", Password: "p"}); err == nil || strings.Contains(err.Error(), "UPS@localhost") {
		t.Errorf("no server: %v", err)
	}
	if _, err := follow(t.Context(), env, clone.Base{Port: "a@b@c:x:y"}); err == nil {
		t.Error("no address")
	}
}
