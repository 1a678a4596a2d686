package megatec

import (
	"strings"
	"testing"
)

// FuzzAnswer: whatever a simulated UPS is told, it says one line or nothing.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"Q1", "S.5R0003", "T10", "PEB", "BATGN12", "QFLAG", "", "S1e9", "TNaN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		for _, protocol := range Protocols() {
			face, err := New(ups(), Config{Protocol: protocol, Mfr: "WATTNUT"})
			if err != nil {
				t.Fatal(err)
			}
			if said, ok := face.Answer(command); ok && said != command && strings.ContainsAny(said, "\r\n%") {
				t.Errorf("%s: %q", protocol, said)
			}
		}
	})
}
