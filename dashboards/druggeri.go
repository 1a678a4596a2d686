package dashboards

func druggeri() board {
	return board{
		name: "druggeri", title: "UPS / For those who come from DRuggeri's nut_exporter", from: "now-24h",
		about:    "The names of DRuggeri's nut_exporter, from its own page or from /ups_metrics of ours: for the time of the move, so that what was recorded before goes on.",
		presence: "network_ups_tools_ups_status", outages: `network_ups_tools_ups_status{ups, flag="OB"} > 0`,
		rows: []row{
			{"Status", druggeriStatus()},
			{"Readings", druggeriReadings()},
		},
	}
}

func druggeriStatus() []panel {
	flag := func(name, title, about, colour string) panel {
		return panel{
			kind: number, title: title, about: about, unit: "short", width: 6, height: 4, words: yesNo(colour), colour: true,
			queries: []query{{`max by (instance, ups) (network_ups_tools_ups_status{ups, flag="` + name + `"})`, "{{instance}} {{ups}}"}},
		}
	}
	online := flag("OL", "On line", "Whether the UPS runs on mains.", "green")
	online.words = words{"0": {"no", "red"}, "1": {"yes", "green"}}
	return []panel{
		online,
		flag("OB", "On battery", "Whether the UPS runs on battery.", "orange"),
		flag("LB", "Low battery", "Whether the UPS has a low battery.", "red"),
		flag("RB", "Wants a new battery", "Whether the UPS asks for a new battery.", "orange"),
		{
			kind: timeline, title: "Flags", about: "The flags of ups.status that were set in the time shown.", unit: "short", width: 24,
			words:   yesNo("blue"),
			queries: []query{{"network_ups_tools_ups_status{ups} and max_over_time(network_ups_tools_ups_status{ups}[$__range]) > 0", "{{instance}} {{ups}} {{flag}}"}},
		},
	}
}

func druggeriReadings() []panel {
	const legend = "{{instance}} {{ups}}"
	reading := func(title, about, unit, name string) panel {
		return panel{title: title, about: about, unit: unit, queries: []query{{"network_ups_tools_" + name + "{ups}", legend}}}
	}
	voltage := reading("Input voltage", "Of the mains, and what it should be.", "volt", "input_voltage")
	voltage.queries = append(voltage.queries, query{"network_ups_tools_input_voltage_nominal{ups}", legend + " built for"})
	battery := reading("Battery voltage", "Of the battery, and what it should be.", "volt", "battery_voltage")
	battery.queries = append(battery.queries, query{"network_ups_tools_battery_voltage_nominal{ups}", legend + " built for"})
	return []panel{
		reading("Battery charge", "In percent, as the UPS says it.", "percent", "battery_charge"),
		reading("Load", "In percent of what the UPS can carry.", "percent", "ups_load"),
		voltage,
		battery,
		reading("Runtime", "Not among the exporter's default variables: ask for it, or for all (variables=).", "s", "battery_runtime"),
		reading("Real power", "Not among the exporter's default variables: ask for it, or for all (variables=).", "watt", "ups_realpower"),
	}
}
