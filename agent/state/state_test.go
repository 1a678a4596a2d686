package state

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/nut"
)

func snapshot(status string) *nut.Snapshot {
	var d nut.Draft
	d.SetStatus(status)
	return d.Freeze("u", nut.Live, time.Now())
}

func TestPublish(t *testing.T) {
	u := NewUPS("u", "", nil)
	if s := u.Snapshot(); s.Health != nut.Absent || s.UPS != "u" {
		t.Fatalf("at first: %+v", s)
	}
	changed, stop := u.Watch()
	u.Publish(snapshot("OL"))
	u.Publish(snapshot("OB"))
	if len(changed) != 1 {
		t.Error("two changes are not one wake-up")
	}
	<-changed
	now := u.Snapshot()
	if events := u.Publish(snapshot("OB")); events != nil || u.Snapshot() != now || len(changed) != 0 {
		t.Error("nothing new was published")
	}
	if events := u.Publish(snapshot("OL")); len(events) != 1 || events[0].Type != "ONLINE" {
		t.Errorf("got %+v", events)
	}
	<-changed
	stop()
	u.Publish(snapshot("OB"))
	if len(changed) != 0 {
		t.Error("woken after the watch was stopped")
	}
}

func TestEventsOfLossAndReturn(t *testing.T) {
	u := NewUPS("u", "", nil)
	publish := func(s *nut.Snapshot) string {
		var types []string
		for _, e := range u.Publish(s) {
			types = append(types, e.Type)
		}
		return strings.Join(types, " ")
	}
	absent := new(nut.Draft).Freeze("u", nut.Absent, time.Now())
	for i, step := range []struct {
		s    *nut.Snapshot
		want string
	}{
		{snapshot("OL"), ""},
		{snapshot("OL").With(nut.Stale, time.Now()), "COMMBAD"},
		{absent, ""},
		{absent.With(nut.Waiting, time.Now()), ""},
		{snapshot("OB"), "COMMOK ONBATT"},
		{snapshot("OB").With(nut.Waiting, time.Now()), ""},
		{snapshot("OB"), ""},
	} {
		if got := publish(step.s); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

func TestContact(t *testing.T) {
	u := NewUPS("u", "", nil)
	if _, ok := u.Contact(); ok {
		t.Error("contact before any")
	}
	now := time.Now()
	u.Heard(now)
	if at, ok := u.Contact(); !ok || !at.Equal(now) {
		t.Errorf("got %v, %t", at, ok)
	}
	// A clock that is set must neither keep old facts alive nor age fresh ones.
	if at, _ := u.Contact(); !strings.Contains(at.String(), " m=") {
		t.Errorf("the time of contact, %v, goes by the clock on the wall", at)
	}
}

func TestForce(t *testing.T) {
	u := NewUPS("u", "", nil)
	changed, stop := u.Watch()
	defer stop()
	u.Force()
	u.Force()
	if !u.Forced() || len(changed) != 1 {
		t.Error("the latch is not set, or nobody was told")
	}
	u.Publish(snapshot("OL"))
	if !u.Forced() {
		t.Error("a snapshot took the latch away")
	}
}

type door struct{ got nut.Order }

func (d *door) Order(_ context.Context, o nut.Order, done func(error)) error {
	d.got = o
	done(nil)
	return nil
}

func TestOrder(t *testing.T) {
	d := &door{}
	done := false
	if err := NewUPS("u", "", d).Order(t.Context(), nut.Order{Name: "load.off"}, func(error) { done = true }); err != nil || !done || d.got.Name != "load.off" {
		t.Errorf("got %v, %+v", err, d.got)
	}
	u := NewUPS("u", "old", nil)
	u.Force()
	if u.Configure("new", d); u.Desc() != "new" || !u.Forced() {
		t.Error("configured anew, and something else changed")
	}
	if err := NewUPS("u", "", nil).Order(t.Context(), nut.Order{}, nil); !errors.Is(err, nut.ErrDriverNotConnected) {
		t.Errorf("without a door: %v", err)
	}
}

func TestLogins(t *testing.T) {
	var store Store
	u, v := NewUPS("Main", "", nil), NewUPS("other", "", nil)
	store.Replace([]*UPS{u, v})
	kicked := 0
	a := u.Login("10.0.0.2", func() { kicked++ })
	b := u.Login("10.0.0.1", func() { kicked++ })
	c := u.Login("10.0.0.1", func() { kicked++ })
	if a.UPS() != u || u.Logins() != 3 || !slices.Equal(u.Clients(), []string{"10.0.0.1", "10.0.0.1", "10.0.0.2"}) {
		t.Errorf("%d logins: %q", u.Logins(), u.Clients())
	}
	b.Close()
	b.Close()
	if u.Logins() != 2 {
		t.Errorf("%d logins after one left", u.Logins())
	}
	store.Replace([]*UPS{v})
	if kicked != 2 {
		t.Errorf("%d clients were told that their UPS is gone", kicked)
	}
	c.Close()
	if u.Login("x", func() {}) != nil {
		t.Error("login to a UPS that is gone")
	}
}

func TestStore(t *testing.T) {
	var store Store
	if store.All() != nil || store.Lookup("x") != nil {
		t.Error("the empty store is not empty")
	}
	a, b := NewUPS("b", "", nil), NewUPS("A", "", nil)
	store.Replace([]*UPS{a, b})
	if got := store.All(); !slices.Equal(got, []*UPS{a, b}) {
		t.Error("order is lost")
	}
	if store.Lookup("a") != b || store.Lookup("B") != a || store.Lookup("c") != nil {
		t.Error("lookup is wrong")
	}
}

func TestAwait(t *testing.T) {
	u := NewUPS("u", "", nil)
	if u.Await(); u.Snapshot().Health != nut.Absent {
		t.Error("nothing was known, and yet there is something to wait for")
	}
	u.Publish(snapshot("OL"))
	if u.Await(); u.Snapshot().Health != nut.Waiting {
		t.Errorf("got %s", u.Snapshot().Health)
	}
}
