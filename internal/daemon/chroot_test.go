package daemon

import "testing"

func TestChrootNowhere(t *testing.T) {
	if err := Chroot(t.TempDir() + "/none"); err == nil {
		t.Error("a folder that is not there became the root")
	}
}
