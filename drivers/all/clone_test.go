package all

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/clone"
	"github.com/wattnut/wattnut/internal/nutdriver"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

const cloned = `ups.status: OL CHRG
battery.charge: 90
battery.charge.low: 10
battery.runtime: 1000
ups.delay.shutdown: 20
outlet.1.status: on
outlet.1.delay.shutdown: 7
`

// TestClonesBesideNUT: the distribution's clone and clone-outlet and ours follow
// one driver, the distribution's dummy-ups, into an outage.
func TestClonesBesideNUT(t *testing.T) {
	file := filepath.Join(nuttest.ShortDir(t), "base.dev")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(cloned)
	base := nutdriver.Theirs(t, "dummy-ups", "port", file, "mode", "dummy-loop")
	// NUT's look below their state folder only.
	socket := "../../../../../.." + base.Socket
	options := []string{"load.off", "outlet.1.load.off", "load.on", "outlet.1.load.on", "load.status", "outlet.1.status", "offdelay", "3600", "ondelay", "3", "mincharge", "40", "minruntime", "300"}
	outlet := []string{"prefix", "outlet.1"}
	pairs := map[string][2]*nutdriver.Device{
		"clone": {
			nutdriver.Ours(t, clone.New(follow), append([]string{"port", base.Socket}, options...)...),
			nutdriver.Theirs(t, "clone", append([]string{"port", socket}, options...)...),
		},
		"clone-outlet": {
			nutdriver.Ours(t, clone.NewOutlet(follow), append([]string{"port", base.Socket}, outlet...)...),
			nutdriver.Theirs(t, "clone-outlet", append([]string{"port", socket}, outlet...)...),
		},
	}
	for _, tt := range []struct {
		name, text         string
		clone, cloneOutlet string // status
	}{
		{"on line", cloned, "OL CHRG", "OL CHRG"},
		{"on battery", strings.Replace(cloned, "OL CHRG", "OB DISCHRG", 1), "OB DISCHRG", "OB DISCHRG"},
		{"outlet off", strings.NewReplacer("OL CHRG", "OB DISCHRG", "status: on", "status: off").Replace(cloned), "OB DISCHRG", "OB DISCHRG OFF"},
		{"low", strings.NewReplacer("OL CHRG", "OB DISCHRG", "charge: 90", "charge: 39").Replace(cloned), "FSD OB DISCHRG", "OB DISCHRG"},
	} {
		write(tt.text)
		for driver, pair := range pairs {
			want := map[string]string{"clone": tt.clone, "clone-outlet": tt.cloneOutlet}[driver]
			there := func(s *nut.Snapshot) bool { return s.Value("ups.status") == want }
			differences := nutdriver.Differences(pair[0].Await(tt.name, there), pair[1].Await(tt.name, there))
			delete(differences, "ups.timer.shutdown") // runs
			nutdriver.Check(t, "differences-serial.md", driver, differences)
		}
	}
}

func TestFollow(t *testing.T) {
	env := drivers.Env{UPS: "c", StateDir: t.TempDir()}
	_, err := follow(t.Context(), env, clone.Base{Port: "usbhid-ups-real"})
	if !errors.Is(err, drivers.ErrGone) || !strings.Contains(err.Error(), "UPS@localhost") {
		t.Errorf("no socket: %v", err)
	}
	if _, err := follow(t.Context(), env, clone.Base{Port: "real@127.0.0.1:1", User: "u", Password: "p"}); err == nil || strings.Contains(err.Error(), "UPS@localhost") {
		t.Errorf("no server: %v", err)
	}
	if _, err := follow(t.Context(), env, clone.Base{Port: "a@b@c:x:y"}); err == nil {
		t.Error("no address")
	}
}
