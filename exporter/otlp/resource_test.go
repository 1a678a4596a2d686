package otlp

import (
	"os"
	"path/filepath"
	"testing"
)

func TestInstance(t *testing.T) {
	dir := t.TempDir()
	first, err := Instance(dir)
	if err != nil || len(first) != 36 {
		t.Fatalf("got %q, %v", first, err)
	}
	if again, err := Instance(dir); err != nil || again != first {
		t.Errorf("got %q and then %q, %v", first, again, err)
	}
	if other, _ := Instance(t.TempDir()); other == first {
		t.Error("two installations are one")
	}
	if err := os.WriteFile(filepath.Join(dir, instanceFile), []byte("spoilt\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Instance(dir)
	if again, _ := Instance(dir); err != nil || second == first || again != second {
		t.Errorf("after a spoilt one: %q, then %q, %v", second, again, err)
	}
}

func TestInstanceThatCannotBeKept(t *testing.T) {
	if id, err := Instance(filepath.Join(t.TempDir(), "none")); err == nil || len(id) != 36 {
		t.Errorf("got %q, %v", id, err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, instanceFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if id, err := Instance(dir); err == nil || len(id) != 36 {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestResource(t *testing.T) {
	clean(t)
	host, err := os.Hostname()
	if err != nil {
		t.Skip("this host has no name")
	}
	tests := []struct {
		env  []string
		want map[string]string
	}{
		{nil, map[string]string{"service.name": "wattnut", "service.version": "1.2", "service.instance.id": "me", "host.name": host}},
		{
			[]string{"OTEL_SERVICE_NAME", "ours", "OTEL_RESOURCE_ATTRIBUTES", "service.name=theirs,site=b%20c,host.name=other"},
			map[string]string{"service.name": "ours", "service.instance.id": "me", "site": "b c", "host.name": "other"},
		},
	}
	for _, tt := range tests {
		clean(t, tt.env...)
		who, err := newResource(t.Context(), "1.2", "me")
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range tt.want {
			found := false
			for _, kv := range who.Attributes() {
				if string(kv.Key) == key {
					found = true
					if got := kv.Value.AsString(); got != want {
						t.Errorf("%s is %q, want %q", key, got, want)
					}
				}
			}
			if !found {
				t.Errorf("there is no %s", key)
			}
		}
	}
	clean(t, "OTEL_RESOURCE_ATTRIBUTES", "what,a=b")
	if who, err := newResource(t.Context(), "1", "me"); err == nil || who.Len() < 5 {
		t.Errorf("with broken attributes: %v, %v", who, err)
	}
}
