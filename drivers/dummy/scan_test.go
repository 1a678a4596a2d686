package dummy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/wattnut/wattnut/drivers"
)

func TestScanFindsFilesToPlay(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.seq", "a.dev", "notes.txt", "dev"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.dev"), 0o700); err != nil {
		t.Fatal(err)
	}
	var ports []string
	if err := Scanner.Scan(t.Context(), drivers.Search{Dir: dir}, func(f drivers.Found) {
		if _, err := Driver.Bind(f.Settings); err != nil {
			t.Errorf("%v does not start: %v", f.Settings, err)
		}
		ports = append(ports, f.Settings[0].Value)
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a.dev", "b.seq"}; !slices.Equal(ports, want) {
		t.Errorf("got %q, want %q", ports, want)
	}
	if err := Scanner.Scan(t.Context(), drivers.Search{Dir: filepath.Join(dir, "gone")}, nil); err == nil {
		t.Error("a folder that is not there was looked through")
	}
}
