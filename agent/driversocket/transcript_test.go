package driversocket

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent/device"
	"github.com/wattnut/wattnut/agent/state"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/dummy"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// step is one exchange of a recorded dialogue with NUT's own dummy-ups.
type step struct {
	N       int
	Send    string
	Recv    string
	Session string
	Driver  string
	Closed  bool `json:"closed_by_driver"`
}

// difference is where we answer otherwise than NUT did, and on purpose:
// docs/differences-driversocket.md says why.
type difference struct {
	driver string // "" for both
	n      int
	want   string
}

const status = "SETINFO ups.status \"OL\"\nSETAUX ups.status 32\nSETFLAGS ups.status RW STRING\nDATAOK\nDUMPDONE\n"

var differences = []difference{
	// What NUT has since 2.8.1 and 2.8.3.
	{"2.8.0", 4, "PID\n"},
	{"2.8.0", 5, status},
	{"2.8.0", 6, status},
	{"2.8.0", 7, "DATAOK\nDUMPDONE\n"},
	{"2.8.0", 34, "TRACKING nb-1 0\n"},
	{"2.8.0", 38, "TRACKING nb-3 0\n"},
	{"2.8.0", 39, "OK Goodbye\n"},
	{"2.8.0", 40, ""},
	// Always escaped, and in the order of the dump.
	{"", 23, "SETINFO new.variable \"hello \\\"w\\\" \\\\ \\#\"\nSETAUX new.variable 32\nSETFLAGS new.variable RW STRING\nTRACKING abc-3 0\n"},
	// The answer to 41 was recorded with that to 42.
	{"2.8.5.1", 41, "PONG\n"},
	{"2.8.5.1", 42, "PONG\n"},
	// A broken line costs only itself.
	{"", 48, "PONG\n"},
	{"", 51, "PONG\n"},
}

func TestTranscript(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testenv.Shared(t), "transcripts", "driver-socket.json"))
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	if err := json.Unmarshal(text, &steps); err != nil {
		t.Fatal(err)
	}
	if len(steps) != 104 {
		t.Fatalf("%d steps", len(steps))
	}
	for _, driver := range []string{"2.8.0", "2.8.5.1"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			path := play(t, driver)
			var conn net.Conn
			session := ""
			for _, s := range steps {
				if !strings.HasPrefix(s.Driver, "dummy-ups "+driver) {
					continue
				}
				if s.Session != session {
					session, conn = s.Session, dial(t, path)
				}
				got, want := normal(exchange(t, conn, s.Send)), normal(s.Recv)
				for _, d := range differences {
					if d.n == s.N && (d.driver == "" || d.driver == driver) {
						want = d.want
					}
				}
				if got != want {
					t.Errorf("%d: %q was answered\n %q, want\n %q", s.N, s.Send, got, want)
				}
			}
		})
	}
}

// normal leaves out what is noise or cannot be the same: driver.state, which
// NUT tells twice a poll, the process id, and the word NUMBER.
func normal(answer string) string {
	var lines []string
	for line := range strings.Lines(answer) {
		switch {
		case strings.HasPrefix(line, "SETINFO driver.state "):
		case strings.HasPrefix(line, "PID "):
			lines = append(lines, "PID\n")
		default:
			lines = append(lines, strings.Replace(line, " NUMBER", "", 1))
		}
	}
	return strings.Join(lines, "")
}

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// exchange sends, and returns what comes until nothing more does.
func exchange(t *testing.T, conn net.Conn, send string) string {
	t.Helper()
	_, _ = conn.Write([]byte(send)) // after LOGOUT it is closed
	var got []byte
	buf := make([]byte, 64<<10)
	for {
		conn.SetReadDeadline(time.Now().Add(40 * time.Millisecond))
		n, err := conn.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			return string(got)
		}
	}
}

// play serves the recorded device, by our dummy, and returns the socket.
func play(t *testing.T, version string) string {
	t.Helper()
	dir := nuttest.ShortDir(t)
	dev := "battery.charge: 100\ndevice.mfr: Dummy Manufacturer\ndevice.model: Dummy UPS\nups.mfr: Dummy Manufacturer\nups.model: Dummy UPS\nups.status: OL\n"
	if err := os.WriteFile(filepath.Join(dir, "dummy.dev"), []byte(dev), 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := dummy.Driver.Bind([]drivers.Setting{{Name: "port", Value: "dummy.dev"}, {Name: "mode", Value: "dummy-once"}})
	if err != nil {
		t.Fatal(err)
	}
	internal, core := "0.15", Core{}
	if version != "2.8.0" {
		internal, core = "0.26", Core{
			Killpower:  func(context.Context) error { return nil },
			Reload:     func(context.Context, Reload) error { return nil },
			Debug:      func(int) {},
			DebugLevel: 1,
		}
	}
	ups := state.NewUPS("d", "", nil)
	r := device.New(device.Config{
		UPS: ups, Open: open, Env: drivers.Env{ConfDir: dir},
		Overlay: device.Overlay{Complete: true, Driver: []nut.Variable{
			{Name: "driver.name", Value: "dummy-ups"},
			{Name: "driver.parameter.mode", Value: "dummy-once"},
			{Name: "driver.parameter.pollinterval", Value: "2"},
			{Name: "driver.parameter.port", Value: "/etc/nut/dummy.dev"},
			{Name: "driver.parameter.synchronous", Value: "auto"},
			{Name: "driver.version", Value: version},
			{Name: "driver.version.internal", Value: internal},
		}},
	})
	ups.Configure("", r)
	go r.Run(t.Context())
	nuttest.Await(t, func() error {
		if ups.Snapshot().Health != nut.Live {
			return errors.New("not live")
		}
		return nil
	})
	return serve(t, &Server{UPS: ups, Core: core}, dir)
}

// serve serves until the test ends, and returns the socket.
func serve(t *testing.T, s *Server, dir string) string {
	t.Helper()
	l, err := Listen(t.Context(), dir, "dummy-ups", "d", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}
