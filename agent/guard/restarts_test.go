package guard

import (
	"slices"
	"testing"
	"time"
)

// TestDied plays deaths, each told by when it came and how long the life was.
func TestDied(t *testing.T) {
	const s = time.Second
	type death struct{ at, lived, delay time.Duration }
	for _, tt := range []struct {
		name   string
		r      Restarts
		deaths []death
		last   bool // the last of them is one too many, and no other
	}{
		{"once", Restarts{}, []death{{0, s, s / 2}}, false},
		{"at once, for good", Restarts{}, []death{{0, 0, s / 2}, {1 * s, 0, s}, {2 * s, 0, 2 * s}, {3 * s, 0, 4 * s}, {4 * s, 0, 8 * s}}, true},
		{"just in time", Restarts{Deaths: 2}, []death{{0, 0, s / 2}, {60*s - 1, 0, s}}, true},
		{"just too late", Restarts{Deaths: 2}, []death{{0, 0, s / 2}, {60 * s, 59 * s, s}}, false},
		{"after a long life", Restarts{}, []death{{0, 0, s / 2}, {s, 0, s}, {100 * s, 99 * s, s / 2}}, false},
		{"no longer than", Restarts{Deaths: 9, Delay: s, MaxDelay: 3 * s}, []death{{0, 0, s}, {s, 0, 2 * s}, {2 * s, 0, 3 * s}, {3 * s, 0, 3 * s}}, false},
		{"the first", Restarts{Deaths: 1}, []death{{0, 0, s / 2}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record{Restarts: tt.r.withDefaults()}
			start := time.Now()
			for i, d := range tt.deaths {
				delay, forGood := r.died(start.Add(d.at), d.lived)
				if want := tt.last && i == len(tt.deaths)-1; delay != d.delay || forGood != want {
					t.Errorf("death %d: wait %v, for good %t; want %v, %t", i, delay, forGood, d.delay, want)
				}
			}
		})
	}
}

// TestDiedForever keeps a record small, and for good.
func TestDiedForever(t *testing.T) {
	r := record{Restarts: Restarts{}.withDefaults()}
	now := time.Now()
	for i := range 10_000 {
		now = now.Add(time.Millisecond)
		if delay, forGood := r.died(now, 0); forGood != (i >= 4) || delay > r.MaxDelay || len(r.recent) > r.Deaths {
			t.Fatalf("death %d: wait %v, for good %t, %d remembered", i, delay, forGood, len(r.recent))
		}
	}
	if !slices.IsSortedFunc(r.recent, time.Time.Compare) {
		t.Error("out of order")
	}
}
