package otlp

// hardwareSchema is the version of the conventions that the names of hw.* are
// from. All of them are still in development there.
const hardwareSchema = "https://opentelemetry.io/schemas/1.43.0"

// The metrics of OpenTelemetry's conventions for hardware.
var (
	hwCharge      = metric{name: "hw.battery.charge", unit: "1", help: "Remaining fraction of battery charge."}
	hwChargeLimit = metric{name: "hw.battery.charge.limit", unit: "1", help: "Lower limit of battery charge fraction to ensure proper operation."}
	hwTimeLeft    = metric{name: "hw.battery.time_left", unit: "s", help: "Time left before battery is completely charged or discharged."}
	hwVoltage     = metric{name: "hw.voltage", unit: "V", help: "Voltage measured by the sensor."}
	hwNominal     = metric{name: "hw.voltage.nominal", unit: "V", help: "Nominal (expected) voltage."}
	hwVoltLimit   = metric{name: "hw.voltage.limit", unit: "V", help: "Voltage limit in Volts."}
	hwTemperature = metric{name: "hw.temperature", unit: "Cel", help: "Temperature in degrees Celsius."}
	hwUtilization = metric{name: "hw.power_supply.utilization", unit: "1", help: "Output of the power supply as a fraction of its maximum."}
	hwUsage       = metric{name: "hw.power_supply.usage", unit: "W", shape: sum, help: "Current power output of the power supply."}
	hwPowerLimit  = metric{name: "hw.power_supply.limit", unit: "W", shape: sum, help: "Maximum power output of the power supply."}
	hwEnergy      = metric{name: "hw.energy", unit: "J", shape: rising, help: "Energy consumed by the component."}
	hwStatus      = metric{name: "hw.status", unit: "1", shape: sum, help: "Operational status: `1` (true) or `0` (false) for each of the possible states."}
)

// part is what a UPS is made of, in the eyes of the conventions.
type part uint8

const (
	supply part = iota // the UPS itself
	battery
	sensor
)

// hwRow says what a family of ours is there.
type hwRow struct {
	metric   metric
	part     part
	location string // of a sensor
	limit    string // hw.limit_type
}

// hwRows has the families that the conventions have a metric for.
var hwRows = map[string]hwRow{
	"nut_battery_charge_ratio":          {metric: hwCharge, part: battery},
	"nut_battery_charge_low_ratio":      {metric: hwChargeLimit, part: battery, limit: "low.critical"},
	"nut_battery_charge_warning_ratio":  {metric: hwChargeLimit, part: battery, limit: "low.degraded"},
	"nut_battery_runtime_seconds":       {metric: hwTimeLeft, part: battery},
	"nut_battery_voltage_volts":         {metric: hwVoltage, part: sensor, location: "battery"},
	"nut_battery_voltage_nominal_volts": {metric: hwNominal, part: sensor, location: "battery"},
	"nut_battery_voltage_low_volts":     {metric: hwVoltLimit, part: sensor, location: "battery", limit: "low.critical"},
	"nut_battery_voltage_high_volts":    {metric: hwVoltLimit, part: sensor, location: "battery", limit: "high.critical"},
	"nut_battery_temperature_celsius":   {metric: hwTemperature, part: sensor, location: "battery"},
	"nut_ups_temperature_celsius":       {metric: hwTemperature, part: sensor, location: "ups"},
	"nut_ambient_temperature_celsius":   {metric: hwTemperature, part: sensor, location: "ambient"},
	"nut_ups_load_ratio":                {metric: hwUtilization},
	"nut_ups_realpower_watts":           {metric: hwUsage},
	"nut_ups_realpower_nominal_watts":   {metric: hwPowerLimit, limit: "max"},
	"nut_input_voltage_volts":           {metric: hwVoltage, part: sensor, location: "input"},
	"nut_input_voltage_nominal_volts":   {metric: hwNominal, part: sensor, location: "input"},
	"nut_input_transfer_low_volts":      {metric: hwVoltLimit, part: sensor, location: "input", limit: "low.critical"},
	"nut_input_transfer_high_volts":     {metric: hwVoltLimit, part: sensor, location: "input", limit: "high.critical"},
	"nut_output_voltage_volts":          {metric: hwVoltage, part: sensor, location: "output"},
	"nut_output_voltage_nominal_volts":  {metric: hwNominal, part: sensor, location: "output"},
}
