package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func single() board {
	return board{
		name: "ups", title: "UPS / UPS", from: "now-24h",
		about:    "One UPS, or a few: status, mains, load, energy and its price, battery. Outages are marked.",
		presence: "nut_ups_up", outages: "nut_ups_on_battery{ups} > 0",
		own: []cog.Builder[dashboard.VariableModel]{
			typed("price", "Price of a kWh", "In your currency, with a point: 0.30.", "0.30"),
		},
		rows: []row{
			{"Status", upsStatus()},
			{"Outages", upsOutages()},
			{"Mains", upsMains()},
			{"Load and energy", upsLoad()},
			{"Battery", upsBattery()},
			{"Surroundings", upsSurroundings()},
		},
	}
}

func upsStatus() []panel {
	return []panel{
		{
			kind: number, title: "Now", about: "What the UPS is doing.", unit: "short", width: 4, height: 6,
			words: states(), colour: true, queries: each(state),
		},
		{
			kind: timeline, title: "Status over time", about: "What the UPS was doing.", unit: "short", width: 20, height: 6,
			words: states(), queries: each(state),
		},
		{
			kind: timeline, title: "Words of the status", about: "The words that were in the status (ups.status), beside OL.", unit: "short", width: 24, height: 6,
			words:   yesNo("orange"),
			queries: []query{{`nut_ups_status{ups, status!="OL"} and max_over_time(nut_ups_status{ups, status!="OL"}[$__range]) > 0`, "{{ups}} {{status}}"}},
		},
	}
}

func upsOutages() []panel {
	return []panel{
		{
			kind: number, title: "Outages", about: "Transfers to battery in the time shown that no test and no command was the cause of.", unit: "short", width: 6, height: 6,
			steps: anyAtAll("orange"), queries: each("changes(nut_ups_outages_total{ups}[$__range])"),
		},
		{
			kind: number, title: "On battery now", about: "Time on battery in the present outage; 0 on mains.", unit: "s", width: 6, height: 6,
			steps: anyAtAll("orange"), queries: each("nut_ups_on_battery_seconds{ups}"),
		},
		{
			kind: number, title: "Last transfer", about: "When the UPS last went to battery.", unit: "dateTimeFromNow", width: 6, height: 6,
			queries: each("nut_ups_last_transfer_timestamp_seconds{ups} * 1000"),
		},
		{
			kind: number, title: "On battery in all", about: "Since the UPS was first seen.", unit: "s", width: 6, height: 6,
			queries: each("nut_ups_on_battery_seconds_total{ups}"),
		},
		{
			title: "Transfers by cause", about: "Transfers to battery since the UPS was first seen, by what the device told of the cause. Each step is one.", unit: "short", width: 24, height: 6, from: new(0.0),
			queries: []query{{"nut_ups_transfers_total{ups} > 0", "{{ups}} {{reason}}"}},
		},
	}
}

func upsMains() []panel {
	return []panel{
		{
			title: "Input voltage", about: "The mains against the band outside of which the UPS goes to battery.", unit: "volt",
			queries: []query{
				{"nut_input_voltage_volts{ups}", "{{ups}}"},
				{"nut_input_transfer_low_volts{ups}", "{{ups}} to battery below"},
				{"nut_input_transfer_high_volts{ups}", "{{ups}} to battery above"},
			},
		},
		{
			title: "Input voltage of phases", about: "The mains, for a UPS with several phases.", unit: "volt",
			queries: []query{{"nut_input_phase_voltage_volts{ups}", "{{ups}} {{phase}}"}},
		},
		{
			title: "Frequency", about: "Frequency of the input and the output.", unit: "hertz",
			queries: []query{
				{"nut_input_frequency_hertz{ups}", "{{ups}} input"},
				{"nut_output_frequency_hertz{ups}", "{{ups}} output"},
			},
		},
		{
			title: "Output voltage", about: "What the load gets.", unit: "volt",
			queries: each("nut_output_voltage_volts{ups}"),
		},
	}
}

func upsLoad() []panel {
	return []panel{
		{
			title: "Load", about: "Of what the UPS can carry.", unit: "percentunit", from: new(0.0), steps: highLoad(), width: 8,
			queries: each("nut_ups_load_ratio{ups}"),
		},
		{
			title: "Real power", about: "What the load draws, and what the UPS is built for.", unit: "watt", from: new(0.0), width: 8,
			queries: []query{
				{"nut_ups_realpower_watts{ups}", "{{ups}}"},
				{"nut_ups_realpower_nominal_watts{ups}", "{{ups}} built for"},
			},
		},
		{
			title: "Apparent power", about: "What the load draws, and what the UPS is built for.", unit: "voltamp", from: new(0.0), width: 8,
			queries: []query{
				{"nut_ups_power_voltamperes{ups}", "{{ups}}"},
				{"nut_ups_power_nominal_voltamperes{ups}", "{{ups}} built for"},
			},
		},
		{
			kind: number, title: "Energy", about: "What the load took in the time shown: measured, or estimated by load and nominal power.", unit: "kwatth", height: 4,
			queries: []query{{kilowattHours, "{{ups}} {{source}}"}},
		},
		{
			kind: number, title: "Cost", about: "Of that energy, by the price above.", unit: "short", height: 4,
			queries: []query{{"sum by (instance, ups) (" + kilowattHours + ") * $price", "{{ups}}"}},
		},
	}
}

func upsBattery() []panel {
	return []panel{
		{
			title: "Charge", about: "Charge, and where the UPS calls it low.", unit: "percentunit", from: new(0.0), to: new(1.0),
			queries: []query{
				{"nut_battery_charge_ratio{ups}", "{{ups}}"},
				{"nut_battery_charge_low_ratio{ups}", "{{ups}} low"},
			},
		},
		{
			title: "Runtime", about: "How long the UPS says that it would last, and where it calls that low.", unit: "s", from: new(0.0),
			queries: []query{
				{"nut_battery_runtime_seconds{ups}", "{{ups}}"},
				{"nut_battery_runtime_low_seconds{ups}", "{{ups}} low"},
			},
		},
		{
			title: "Battery voltage", about: "Voltage, and what it is built for.", unit: "volt",
			queries: []query{
				{"nut_battery_voltage_volts{ups}", "{{ups}}"},
				{"nut_battery_voltage_nominal_volts{ups}", "{{ups}} built for"},
			},
		},
		{
			kind: timeline, title: "Self-tests", about: "What came of the last self-test.", unit: "short",
			words:   yesNo("blue"),
			queries: []query{{"nut_ups_test_result{ups} and max_over_time(nut_ups_test_result{ups}[$__range]) > 0", "{{ups}}: {{state}}"}},
		},
	}
}

func upsSurroundings() []panel {
	return []panel{
		{
			title: "Temperature", about: "Of the battery, the UPS and the sensors around it.", unit: "celsius",
			queries: []query{
				{"nut_battery_temperature_celsius{ups}", "{{ups}} battery"},
				{"nut_ups_temperature_celsius{ups}", "{{ups}}"},
				{"nut_ambient_temperature_celsius{ups}", "{{ups}} sensor {{sensor}}"},
			},
		},
		{
			title: "Humidity", about: "At the sensors.", unit: "percentunit", from: new(0.0), to: new(1.0),
			queries: []query{{"nut_ambient_humidity_ratio{ups}", "{{ups}} sensor {{sensor}}"}},
		},
	}
}
