package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMakeStateDir(t *testing.T) {
	dir := t.TempDir()
	c := &Config{StateDir: filepath.Join(dir, "a", "b"), StateBy: "upsd.conf"}
	for range 2 {
		if err := c.MakeStateDir(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(c.StateDir)
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("others may enter: %v, %v", info, err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.StateDir = filepath.Join(file, "x")
	if err := c.MakeStateDir(); err == nil || !strings.Contains(err.Error(), "from upsd.conf") {
		t.Errorf("got %v", err)
	}
}
