// Package transcript reads the dialogues that were recorded with NUT's upsd,
// and the table of what our server answers otherwise, for the tests that hold
// the dialogues again.
package transcript

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/wattnut/wattnut/internal/testenv"
)

// Step is one exchange of a recorded dialogue. Its texts hold one byte in each
// character.
type Step struct {
	ID      int      `json:"id"`
	Session string   `json:"session"`
	Step    int      `json:"step"` // from 1, in one connection
	Send    string   `json:"send"`
	Parts   []string `json:"send_parts"` // of Send, each in a segment of its own; nil for one segment
	Recv    string   `json:"recv"`
	Layer   string   `json:"layer"` // "tls" or "plain"
	Fin     bool     `json:"fin_after_send"`
	Closed  bool     `json:"closed_by_server"`
}

// Outgoing is what the client sent, in its segments.
func (s Step) Outgoing() []string {
	if len(s.Parts) > 0 {
		return s.Parts
	}
	return []string{s.Send}
}

// Sessions are the dialogues with upsd 2.8.0. The test is skipped where they
// are not at hand.
func Sessions(tb testing.TB) [][]Step {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(testenv.Shared(tb), "transcripts", "upsd-2.8.0.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var steps []Step
	if err := json.Unmarshal(data, &steps); err != nil {
		tb.Fatal(err)
	}
	var all [][]Step
	for _, s := range steps {
		if n := len(all); n == 0 || all[n-1][0].Session != s.Session {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], s)
	}
	return all
}

// Latin1 is the bytes of a text of a Step.
func Latin1(text string) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		out = append(out, byte(r))
	}
	return out
}
