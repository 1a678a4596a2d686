package vm

import (
	"encoding/json"
	"io"
)

// lastWords talks to qemu's monitor until that closes, and returns why qemu says
// that the machine has stopped; "" if it said nothing. The reasons are in the
// QEMU QMP Reference Manual, ShutdownCause.
func lastWords(conn io.ReadWriter) (reason string) {
	if _, err := io.WriteString(conn, `{"execute":"qmp_capabilities"}`+"\n"); err != nil {
		return ""
	}
	for messages := json.NewDecoder(conn); ; {
		var m struct {
			Event string
			Data  struct{ Reason string }
		}
		if messages.Decode(&m) != nil {
			return reason
		}
		if m.Event == "SHUTDOWN" {
			reason = m.Data.Reason
		}
	}
}
