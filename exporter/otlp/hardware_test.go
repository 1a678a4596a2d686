package otlp

import (
	"slices"
	"strings"
	"testing"
	"time"

	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/hwconv"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

func TestHardware(t *testing.T) {
	u := ups("rack", "ups.status: OB DISCHRG LB", "device.mfr: Acme", "device.model: M1", "device.serial: 007", "battery.type: PbAc",
		"battery.charge: 40", "battery.charge.low: 20", "battery.runtime: 600", "battery.voltage: 24.1", "ups.load: 33",
		"ups.realpower: 150", "ups.realpower.nominal: 900", "input.voltage: 0", "input.transfer.low: 184", "ambient.1.temperature: 21",
		"ups.temperature: 30", "output.frequency: 50")
	used := &collectors.Desc{Name: energyName, Unit: "joules", Kind: collectors.Counter, Labels: []string{"ups", "source"}}
	p := newProducer(Config{
		Fleet: fleet{u}, Hardware: true, Version: "1",
		Sources: []collectors.Source{source{{Desc: used, Labels: []string{"rack", "measured"}, Value: 9}}},
	}, time.Now())
	all := produce(t, p)
	if len(all) != 2 || all[1].Scope.SchemaURL != hardwareSchema || all[0].Scope.SchemaURL != "" {
		t.Fatalf("%d scopes: %+v", len(all), all)
	}
	got := lines(t, all[1])
	const supply = "hw.id=rack,hw.model=M1,hw.name=rack,hw.serial_number=007,hw.type=power_supply,hw.vendor=Acme"
	for _, want := range []string{
		"hw.battery.charge{hw.battery.chemistry=PbAc,hw.id=rack.battery,hw.name=rack battery,hw.parent=rack,hw.type=battery} 0.4 1",
		"hw.battery.charge.limit{hw.battery.chemistry=PbAc,hw.id=rack.battery,hw.limit_type=low.critical,hw.name=rack battery,hw.parent=rack,hw.type=battery} 0.2 1",
		"hw.battery.time_left{hw.battery.chemistry=PbAc,hw.battery.state=discharging,hw.id=rack.battery,hw.name=rack battery,hw.parent=rack,hw.state=degraded,hw.type=battery} 600 s",
		"hw.voltage{hw.id=rack.battery.voltage,hw.name=rack battery voltage,hw.parent=rack,hw.sensor_location=battery,hw.type=voltage} 24.1 V",
		"hw.voltage.limit{hw.id=rack.input.voltage,hw.limit_type=low.critical,hw.name=rack input voltage,hw.parent=rack,hw.sensor_location=input,hw.type=voltage} 184 V",
		"hw.temperature{hw.id=rack.ambient.1.temperature,hw.name=rack ambient 1 temperature,hw.parent=rack,hw.sensor_location=ambient.1,hw.type=temperature} 21 Cel",
		"hw.power_supply.utilization{" + supply + "} 0.33 1",
		"hw.power_supply.usage{" + supply + "} 150 W",
		"hw.power_supply.limit{hw.id=rack,hw.limit_type=max,hw.model=M1,hw.name=rack,hw.serial_number=007,hw.type=power_supply,hw.vendor=Acme} 900 W",
		"hw.energy{hw.id=rack,hw.name=rack,hw.type=power_supply,source=measured} 9 J",
		"hw.status{hw.id=rack,hw.name=rack,hw.state=ok,hw.type=power_supply} 1 1",
		"hw.status{hw.id=rack,hw.name=rack,hw.state=failed,hw.type=power_supply} 0 1",
		"hw.status{hw.id=rack.battery,hw.name=rack battery,hw.parent=rack,hw.state=degraded,hw.type=battery} 1 1",
		"hw.status{hw.id=rack.battery,hw.name=rack battery,hw.parent=rack,hw.state=ok,hw.type=battery} 0 1",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, strings.Join(got, "\n"))
		}
	}
	if len(got) != 22 {
		t.Errorf("%d points:\n%s", len(got), strings.Join(got, "\n"))
	}
}

func TestHardwareStates(t *testing.T) {
	for status, want := range map[string][3]string{
		"OL":         {"ok", "ok", ""},
		"OL CHRG":    {"ok", "ok", "charging"},
		"OB DISCHRG": {"ok", "ok", "discharging"},
		"OL RB LB":   {"ok", "predicted_failure", ""},
		"OB LB":      {"ok", "degraded", ""},
		"OL OVER":    {"degraded", "ok", ""},
		"BYPASS":     {"degraded", "ok", ""},
		"OFF":        {"degraded", "ok", ""},
	} {
		u := machine{status: ups("u", "ups.status: "+status).Snapshot.Status()}
		if got := [3]string{u.supplyState(), u.batteryState(), u.charging()}; got != want {
			t.Errorf("%s: got %q, want %q", status, got, want)
		}
	}
	if got := hardware(ups("u").Snapshot.With(nut.Stale, time.Now())); got != nil {
		t.Errorf("of a stale UPS there is %v", got)
	}
	if got := hardware(ups("u", "battery.charge: 1").Snapshot); len(got) != 1 {
		t.Errorf("without a status there are %d metrics", len(got))
	}
}

// The names and units are those of the conventions, in the version that is
// said.
func TestHardwareConventions(t *testing.T) {
	if hardwareSchema != semconv.SchemaURL {
		t.Errorf("the schema is %s", hardwareSchema)
	}
	for m, theirs := range map[metric]interface {
		Name() string
		Unit() string
	}{
		hwCharge:      hwconv.BatteryCharge{},
		hwChargeLimit: hwconv.BatteryChargeLimit{},
		hwTimeLeft:    hwconv.BatteryTimeLeft{},
		hwVoltage:     hwconv.Voltage{},
		hwNominal:     hwconv.VoltageNominal{},
		hwVoltLimit:   hwconv.VoltageLimit{},
		hwTemperature: hwconv.Temperature{},
		hwUtilization: hwconv.PowerSupplyUtilization{},
		hwUsage:       hwconv.PowerSupplyUsage{},
		hwPowerLimit:  hwconv.PowerSupplyLimit{},
		hwEnergy:      hwconv.Energy{},
		hwStatus:      hwconv.Status{},
	} {
		if m.name != theirs.Name() || m.unit != theirs.Unit() {
			t.Errorf("%s (%s) is there %s (%s)", m.name, m.unit, theirs.Name(), theirs.Unit())
		}
	}
}

// Each row names a family that there is.
func TestHardwareRows(t *testing.T) {
	known := map[string]bool{}
	for _, row := range collectors.Table() {
		known[row.Desc.Name] = true
	}
	for name, row := range hwRows {
		if !known[name] {
			t.Errorf("there is no %s for %s", name, row.metric.name)
		}
	}
}
