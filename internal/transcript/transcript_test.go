package transcript

import (
	"strings"
	"testing"
)

func TestSessions(t *testing.T) {
	steps, names := 0, make(map[string]bool)
	for _, session := range Sessions(t) {
		for _, s := range session {
			steps++
			if s.Session != session[0].Session || strings.Join(s.Outgoing(), "") != s.Send {
				t.Errorf("t#%d: %+v", s.ID, s)
			}
		}
		if name := session[0].Session; names[name] {
			t.Errorf("%s: twice", name)
		} else {
			names[name] = true
		}
	}
	if steps < 400 {
		t.Errorf("%d steps", steps)
	}
}

func TestDifferences(t *testing.T) {
	steps := make(map[int]Step)
	for _, session := range Sessions(t) {
		for _, s := range session {
			steps[s.ID] = s
		}
	}
	all := Differences(t, "t")
	for id, d := range all {
		if got := Abridged(steps[id].Recv); got != d.Theirs || d.Ours == d.Theirs && !strings.Contains(d.Ours, "…") {
			t.Errorf("t#%d: %+v, upsd answered %q", id, d, got)
		}
	}
	if len(all) == 0 || len(Differences(t, "nothing")) != 0 {
		t.Errorf("%d differences", len(all))
	}
}

func TestIDs(t *testing.T) {
	const (
		recorded = "2DDC5036-F665-4D29-BE4C-0374D091D263"
		served   = "E356E8C4-60EE-434C-BF06-B3772F47D97A"
	)
	var ids IDs
	if got := ids.Incoming("OK\n", "OK TRACKING "+recorded+"\n"); got != "OK\n" {
		t.Errorf("no ID: %q", got)
	}
	if got := ids.Incoming("OK TRACKING "+served+"\n", "OK TRACKING "+recorded+"\n"); got != "OK TRACKING "+recorded+"\n" {
		t.Errorf("in: %q", got)
	}
	for request, want := range map[string]string{
		"GET TRACKING " + recorded:                      "GET TRACKING " + served,
		"GET TRACKING " + strings.ToLower(recorded):     "GET TRACKING " + strings.ToLower(served),
		"GET TRACKING 00000000-0000-4000-8000-00000000": "GET TRACKING 00000000-0000-4000-8000-00000000",
		"GET TRACKING " + served:                        "GET TRACKING " + served,
	} {
		if got := ids.Outgoing(request); got != want {
			t.Errorf("out: %q, want %q", got, want)
		}
	}
}

func TestLatin1(t *testing.T) {
	if got := string(Latin1("a\u00fc\u007f")); got != "a\xfc\x7f" {
		t.Errorf("%q", got)
	}
}
