package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

func TestSimulateAnAgent(t *testing.T) {
	for protocol, source := range map[string]string{"ups-mib": "1.3.6.1.2.1.33.1.4.1.0", "powernet": "1.3.6.1.4.1.318.1.1.1.4.1.1.0"} {
		p, end := play(t, "--protocol", protocol, "--at", "127.0.0.1:0", "preset=rack")
		_, address, ok := strings.Cut(p.line(), " is at ")
		if !ok {
			t.Fatal("it does not say where it is")
		}
		s, err := snmp.Open(t.Context(), snmp.Config{Address: address, Community: "public", Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		get := func() (int64, error) {
			values, err := s.Get(t.Context(), []string{source})
			if err != nil {
				return 0, err
			}
			return values[0].Number, nil
		}
		before, err := get()
		if err != nil || before == 0 {
			t.Errorf("%s: %d, %v", protocol, before, err)
		}
		p.order("mains off", "on battery")
		if after, err := get(); err != nil || after == before {
			t.Errorf("%s on battery: %d, %v", protocol, after, err)
		}
		p.order("go silent", "silent")
		if _, err := get(); !errors.Is(err, snmp.ErrSilent) {
			t.Errorf("%s, silent: %v", protocol, err)
		}
		s.Close()
		if code := end(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	}
}
