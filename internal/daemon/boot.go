package daemon

import (
	"os"
	"strings"
)

// BootID names this run of the system, "" where it has no name.
func BootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
