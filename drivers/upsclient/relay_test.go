package upsclient

import (
	"errors"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/nut"
)

func TestRelay(t *testing.T) {
	server := serve(t, simple())
	r := reach(t, server, "user", "admin", "password", "sekret")
	var d nut.Draft
	read(t, r, &d)
	for _, tt := range []struct {
		name    string
		order   nut.Order
		refused error // by Relay itself
		reads   int   // after which the outcome is told
		outcome error
	}{
		{"tracked", nut.Order{Set: true, Name: "ups.id", Value: "b c"}, nil, 2, nil},
		{"without a ticket", nut.Order{Name: "load.off"}, nil, 0, nil},
		{"failed", nut.Order{Name: "load.off", Value: "5"}, nil, 1, nut.ErrFailed},
		{"unknown", nut.Order{Name: "no.such"}, nut.ErrUnknown, 0, nil},
		{"bad value", nut.Order{Set: true, Name: "ups.delay.start", Value: "90"}, nut.ErrInvalidArgument, 0, nil},
		{"read-only", nut.Order{Set: true, Name: "battery.charge", Value: "1"}, nut.ErrFailed, 0, nil},
		{"unsendable", nut.Order{Set: true, Name: "ups.id", Value: "ü"}, nut.ErrInvalidArgument, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var outcomes []error
			err := r.Relay(t.Context(), tt.order, func(err error) { outcomes = append(outcomes, err) })
			if !errors.Is(err, tt.refused) {
				t.Fatalf("refused: %v, want %v", err, tt.refused)
			}
			for n := range tt.reads {
				if len(outcomes) > 0 {
					t.Errorf("told after %d reads", n)
				}
				if n == tt.reads-1 {
					server.say("GET TRACKING t-1", "SUCCESS\n")
				}
				read(t, r, &d)
			}
			want := 1
			if tt.refused != nil {
				want = 0
			}
			if len(outcomes) != want || want == 1 && !errors.Is(outcomes[0], tt.outcome) {
				t.Errorf("outcomes %v, want %d: %v", outcomes, want, tt.outcome)
			}
		})
	}
	if len(r.pending) != 0 {
		t.Errorf("%d orders are still followed", len(r.pending))
	}
}

func TestRelayIsBounded(t *testing.T) {
	r := reach(t, serve(t, simple()), "user", "admin", "password", "sekret")
	for range 2 * maxPending {
		if err := r.Relay(t.Context(), nut.Order{Set: true, Name: "ups.id", Value: "b c"}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.pending) != maxPending {
		t.Errorf("%d orders are followed", len(r.pending))
	}
}

func TestRelayWithoutUser(t *testing.T) {
	server := serve(t, simple())
	server.say(`SET VAR u ups.id "b c"`, "ERR USERNAME-REQUIRED\n")
	r := reach(t, server)
	err := r.Relay(t.Context(), nut.Order{Set: true, Name: "ups.id", Value: "b c"}, nil)
	if !errors.Is(err, nut.ErrFailed) || !strings.Contains(err.Error(), "USERNAME-REQUIRED") {
		t.Errorf("an order without a user brings %v", err)
	}
	for _, q := range server.questions() {
		if strings.HasPrefix(q, "USERNAME") || strings.HasPrefix(q, "PASSWORD") {
			t.Errorf("asked %q", q)
		}
	}
}

// TestOldServer has no tracking.
func TestOldServer(t *testing.T) {
	server := serve(t, simple())
	server.say("SET TRACKING ON", "ERR INVALID-ARGUMENT\n")
	reach(t, server, "user", "admin", "password", "sekret")
}
