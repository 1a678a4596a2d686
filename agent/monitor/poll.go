package monitor

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// Of a status, these say more; the figures only to who wants to compare them.
var (
	details = []nut.Name{"ups.alarm", "ups.mode.buzzwords", "experimental.ups.mode.buzzwords"}
	figures = []nut.Name{"battery.charge", "battery.charge.low", "battery.runtime", "battery.runtime.low"}
)

// poll polls. A connection that turns out to be gone is made anew before that
// counts as a failure: the server may have been started again, or have closed
// what was idle for long.
func (r *remote) poll(ctx context.Context) {
	err := r.pollOnce(ctx)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		if r.connect(ctx); r.link == nil {
			return
		}
		err = r.pollOnce(ctx)
	}
	if err != nil && ctx.Err() == nil {
		r.fail(err, nut.Absent)
	}
}

// pollOnce asks for all that the decision looks at, in one write. Its error is
// the end of the connection.
func (r *remote) pollOnce(ctx context.Context) error {
	r.polled = time.Now()
	if r.logIn(ctx); r.link.Unusable() != nil {
		err := r.link.Unusable()
		r.hangUp()
		return err
	}
	status := client.GetVar(r.Target.UPS, "ups.status")
	names := details
	if r.figures {
		names = append(slices.Clip(names), figures...)
	}
	requests := []client.Request{status}
	var answers []*client.Call[string]
	for _, name := range names {
		q := client.GetVar(r.Target.UPS, name)
		answers, requests = append(answers, q), append(requests, q)
	}
	if err := r.link.Do(ctx, requests...); err != nil {
		r.hangUp()
		return err
	}
	value, err := status.Result()
	if err != nil {
		r.fail(err, healthOf(err))
		return nil
	}
	r.draft.Set("ups.status", value)
	for i, q := range answers {
		if value, err := q.Result(); err == nil {
			r.draft.Set(names[i], value)
		} else {
			r.draft.Delete(names[i])
		}
	}
	r.hear()
	return nil
}

// hear publishes what the draft says.
func (r *remote) hear() {
	now := time.Now()
	r.publish(func(l *Reading) {
		if l.Snapshot == nil || l.Snapshot.Health != nut.Live || r.draft.Changed() {
			l.Snapshot = r.draft.Freeze(r.Name, nut.Live, now)
		}
		l.Contact, l.Failures, l.Failure = now, 0, ""
		r.urgent = r.force || l.Snapshot.Status().Has(nut.StatusOnBattery)
	})
}

// healthOf is what a server's refusal says about the UPS.
func healthOf(err error) nut.Health {
	if errors.Is(err, nut.ErrDataStale) {
		return nut.Stale
	}
	return nut.Absent
}
