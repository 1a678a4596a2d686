package dummy

import "github.com/wattnut/wattnut/nut"

// maxLen is the length of a text that lengths does not name.
const maxLen = 32

// attributes returns the variable as NUT's dummy-ups 2.8.0 declares it: all are
// writable, some are numbers, the others texts. Seen on its local socket.
func attributes(name nut.Name, value string) nut.Variable {
	v := nut.Variable{Name: name, Value: value, Writable: true}
	if folded := name.Fold(); !numbers[folded] {
		v.Text, v.MaxLen = true, maxLen
		if n, ok := lengths[folded]; ok {
			v.MaxLen = n
		}
	}
	return v
}

var lengths = map[nut.Name]int{
	"input.quality":         6,
	"input.sensitivity":     1,
	"input.transfer.reason": 1,
	"ups.date":              16,
	"ups.firmware":          16,
	"ups.firmware.aux":      16,
	"ups.id":                16,
	"ups.mfr.date":          16,
	"ups.test.result":       16,
	"ups.time":              16,
}

var numbers = map[nut.Name]bool{
	"ambient.humidity":          true,
	"ambient.humidity.high":     true,
	"ambient.humidity.low":      true,
	"ambient.temperature":       true,
	"ambient.temperature.high":  true,
	"ambient.temperature.low":   true,
	"battery.charge":            true,
	"battery.charge.low":        true,
	"battery.charge.restart":    true,
	"battery.current":           true,
	"battery.runtime":           true,
	"battery.runtime.low":       true,
	"battery.temperature":       true,
	"battery.voltage":           true,
	"battery.voltage.nominal":   true,
	"input.frequency":           true,
	"input.transfer.boost.high": true,
	"input.transfer.boost.low":  true,
	"input.transfer.high":       true,
	"input.transfer.low":        true,
	"input.transfer.trim.high":  true,
	"input.transfer.trim.low":   true,
	"input.voltage":             true,
	"input.voltage.maximum":     true,
	"input.voltage.minimum":     true,
	"input.voltage.nominal":     true,
	"output.current":            true,
	"output.frequency":          true,
	"output.voltage":            true,
	"ups.delay.reboot":          true,
	"ups.delay.shutdown":        true,
	"ups.delay.start":           true,
	"ups.load":                  true,
	"ups.temperature":           true,
	"ups.test.interval":         true,
}
