package dashboards

func battery() board {
	return board{
		name: "battery-health", title: "UPS / Battery health", from: "now-30d",
		about:    "Which battery to replace next: age, self-tests, runtime when full against what it was, temperature.",
		presence: "nut_ups_up", outages: "nut_ups_on_battery{ups} > 0",
		rows: []row{
			{"Every battery", []panel{batteryList()}},
			{"Over time", batteryTime()},
		},
	}
}

// whenFull is the runtime, at the times in which the battery is full.
const whenFull = `(nut_battery_runtime_seconds{ups} and nut_battery_charge_ratio{ups} >= 0.99)`

func batteryList() panel {
	p := panel{
		kind: list, title: "Every battery", unit: "short", width: 24, height: 12,
		about: "Runtime against best: the runtime with a full battery now, against the longest of the last 30 days. A higher load makes it shorter, too.",
	}
	for _, c := range []struct {
		expr string
		column
	}{
		{"nut_ups_replace_battery{ups}", column{title: "Replace", unit: "short", words: yesNo("red")}},
		{"nut_battery_age_seconds{ups}", column{title: "Age", unit: "s", steps: oldBattery()}},
		{"nut_battery_charge_ratio{ups}", column{title: "Charge", unit: "percentunit", steps: lowCharge()}},
		{whenFull, column{title: "Runtime when full", unit: "s", steps: lowRuntime()}},
		{
			whenFull + " / max_over_time(nut_battery_runtime_seconds{ups}[30d])",
			column{title: "Runtime against best", unit: "percentunit", steps: []step{{below, "red"}, {0.7, "orange"}, {0.8, "green"}}},
		},
		{"nut_battery_temperature_celsius{ups}", column{title: "Temperature", unit: "celsius", steps: []step{{30, "orange"}, {40, "red"}}}},
		{"nut_ups_last_test_timestamp_seconds{ups} * 1000", column{title: "Last self-test", unit: "dateTimeAsIso"}},
		{outagesOf30d, column{title: "Outages, 30 days", unit: "short"}},
	} {
		p.queries = append(p.queries, query{expr: "max by (instance, ups) (" + c.expr + ")"})
		p.columns = append(p.columns, c.column)
	}
	return p
}

func batteryTime() []panel {
	return []panel{
		{
			title: "Runtime when full", about: "At the times in which the battery is full. It falls as the battery ages, and as the load grows.", unit: "s", from: new(0.0),
			queries: each(whenFull),
		},
		{
			title: "Load", about: "For comparison: a higher load makes the runtime shorter.", unit: "percentunit", from: new(0.0),
			queries: each("nut_ups_load_ratio{ups}"),
		},
		{
			kind: timeline, title: "Wants a new battery", about: "When the UPS asked for a new battery.", unit: "short",
			words: yesNo("red"), queries: each("nut_ups_replace_battery{ups}"),
		},
		{
			kind: timeline, title: "Self-tests", about: "What came of the last self-test.", unit: "short",
			words:   yesNo("blue"),
			queries: []query{{"nut_ups_test_result{ups} and max_over_time(nut_ups_test_result{ups}[$__range]) > 0", "{{ups}}: {{state}}"}},
		},
		{
			title: "Voltage of the battery", about: "Against what it is built for: 1 is its nominal voltage.", unit: "percentunit",
			queries: each("nut_battery_voltage_volts{ups} / nut_battery_voltage_nominal_volts{ups}"),
		},
		{
			title: "Temperature", about: "Each 10 °C above 20 °C about halve the life of a lead battery.", unit: "celsius",
			steps: []step{{30, "orange"}, {40, "red"}}, queries: each("nut_battery_temperature_celsius{ups}"),
		},
		{
			title: "Capacity", about: "Of the batteries that say it. 3600 coulombs are 1 Ah.", unit: "short",
			queries: []query{{"nut_battery_capacity_coulombs{ups} / 3600", "{{ups}} Ah"}},
		},
		{
			kind: timeline, title: "Charger", about: "What the charger does.", unit: "short", words: yesNo("blue"),
			queries: []query{{"nut_battery_charger_status{ups} and max_over_time(nut_battery_charger_status{ups}[$__range]) > 0", "{{ups}}: {{state}}"}},
		},
	}
}
