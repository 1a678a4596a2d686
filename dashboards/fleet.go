package dashboards

func fleet() board {
	return board{
		name: "fleet", title: "UPS / Fleet", from: "now-24h",
		about:    "Every UPS at a glance: what it does, how long it would last, and how old what we know of it is.",
		presence: "nut_ups_up", outages: "nut_ups_on_battery{ups} > 0",
		rows: []row{
			{"Now", fleetNow()},
			{"Every UPS", []panel{fleetList()}},
			{"Over time", fleetTime()},
		},
	}
}

func fleetNow() []panel {
	count := func(title, about, expr string, steps []step) panel {
		return panel{
			kind: number, title: title, about: about, unit: "short", width: 4, height: 4, steps: steps,
			queries: []query{{expr: expr, legend: title}}, colour: true,
		}
	}
	return []panel{
		count("UPSes", "How many UPSes are known.", "count(nut_ups_up{ups})", []step{{below, "blue"}}),
		count("Without contact", "UPSes whose readings are stale, or that do not answer.", "count(nut_ups_up{ups} == 0) or vector(0)", anyAtAll("purple")),
		count("On battery", "UPSes that run on battery now.", "sum(nut_ups_on_battery{ups})", anyAtAll("orange")),
		count("Low battery", "UPSes that say that their battery is low.", "sum(nut_ups_low_battery{ups})", anyAtAll("red")),
		count("Want a new battery", "UPSes that ask for a new battery.", "sum(nut_ups_replace_battery{ups})", anyAtAll("orange")),
		count("With an alarm", "UPSes that have an alarm.", "sum(nut_ups_alarm{ups})", anyAtAll("red")),
	}
}

// fleetList has the queries and the columns in the same order.
func fleetList() panel {
	p := panel{
		kind: list, title: "Every UPS", unit: "short", width: 24, height: 12,
		about: "A UPS without contact has no readings. Battery age counts from the date it was put in, else from the date it was made. Outages are transfers to battery that no test and no command was the cause of.",
	}
	for _, c := range []struct {
		expr string
		column
	}{
		{"nut_ups_info{ups}", column{}},
		{state, column{title: "Status", unit: "short", words: states()}},
		{"nut_ups_load_ratio{ups}", column{title: "Load", unit: "percentunit", steps: highLoad()}},
		{"nut_battery_charge_ratio{ups}", column{title: "Charge", unit: "percentunit", steps: lowCharge()}},
		{"nut_battery_runtime_seconds{ups}", column{title: "Runtime", unit: "s", steps: lowRuntime()}},
		{"nut_ups_realpower_watts{ups}", column{title: "Power", unit: "watt"}},
		{"nut_battery_age_seconds{ups}", column{title: "Battery age", unit: "s", steps: oldBattery()}},
		{"nut_ups_alarm{ups}", column{title: "Alarm", unit: "short", words: yesNo("red")}},
		{"nut_ups_data_age_seconds{ups}", column{title: "Data age", unit: "s", steps: []step{{30, "orange"}, {120, "red"}}}},
		{outagesOf30d, column{title: "Outages, 30 days", unit: "short", steps: anyAtAll("orange")}},
	} {
		by := "instance, ups"
		if c.title == "" {
			by += ", manufacturer, model"
		}
		p.queries = append(p.queries, query{expr: "max by (" + by + ") (" + c.expr + ")"})
		p.columns = append(p.columns, c.column)
	}
	return p
}

func fleetTime() []panel {
	return []panel{
		{
			kind: timeline, title: "Status", about: "What each UPS was doing.", unit: "short", width: 24,
			words: states(), queries: each(state),
		},
		{
			title: "Load", about: "Load of each UPS, of what it can carry.", unit: "percentunit", from: new(0.0),
			steps: highLoad(), queries: each("nut_ups_load_ratio{ups}"),
		},
		{
			title: "Real power", about: "Real power that the load of each UPS draws.", unit: "watt", from: new(0.0),
			queries: each("nut_ups_realpower_watts{ups}"),
		},
		{
			title: "Battery charge", about: "Charge of each battery.", unit: "percentunit", from: new(0.0), to: new(1.0),
			queries: each("nut_battery_charge_ratio{ups}"),
		},
		{
			title: "Runtime", about: "How long each UPS says that it would last.", unit: "s", from: new(0.0),
			queries: each("nut_battery_runtime_seconds{ups}"),
		},
	}
}
