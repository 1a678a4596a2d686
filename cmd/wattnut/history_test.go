package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/config"
)

func TestHistoryFile(t *testing.T) {
	asked, lasting := filepath.Join(t.TempDir(), "x.db"), t.TempDir()
	for _, tt := range []struct{ env, lasting, want string }{
		{"off", lasting, ""},
		{asked, lasting, asked},
		{"", lasting + ":/other", filepath.Join(lasting, "history.db")},
	} {
		t.Setenv("STATE_DIRECTORY", tt.lasting)
		c := &config.Config{StateDir: "/state", Env: config.Env{History: tt.env}}
		if got := historyFile(c); got != tt.want {
			t.Errorf("%q, %q: %q", tt.env, tt.lasting, got)
		}
	}
}

// get reads a page.
func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, response.Status, err)
	}
	return string(body)
}

// An outage is counted, and still is by the agent after this one.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	t.Setenv("WATTNUT_HISTORY", path)
	const counted = `nut_ups_transfers_total{reason="unknown",ups="rack"} 1`
	for _, goesOn := range []bool{false, true} {
		s := newStation(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.run(ctx, nil, nil) }()
		if page := "http://" + s.pages.Addr().String(); goesOn {
			if text := get(t, page+"/metrics"); !strings.Contains(text, counted) {
				t.Errorf("a new agent has forgotten it:\n%s", text)
			}
		} else {
			late := time.After(20 * time.Second)
			for !strings.Contains(get(t, page+"/metrics"), counted) {
				select {
				case <-late:
					t.Fatal("not counted")
				case <-time.After(100 * time.Millisecond):
				}
			}
			if text := get(t, page+"/api/v1/history"); !strings.Contains(text, `"ups":"rack"`) || !strings.Contains(text, `"lowest_charge":87`) {
				t.Error(text)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		t.Errorf("%v, %v", info, err)
	}
}
