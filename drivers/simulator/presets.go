package simulator

import "time"

// presets are UPSes of different character, by name. Their mains fails within
// the first minute, one after the other, so that somebody who only looks in sees
// it fail and return.
var presets = map[string]Config{"home": home, "office": office, "rack": rack}

var home = Config{
	Preset: "home", Mfr: "Wattnut", Model: "Home 600", Serial: "SIM-0600",
	Topology: lineInteractive, Power: 600, RealPower: 360,
	Voltage: 230, Frequency: 50, Ambient: 22,
	Load: 35, Swing: 20,
	Capacity: 84, BatteryVoltage: 12, Charge: 100, Health: 82, Cycles: 200, Charger: 50,
	Speed: 10, Seed: 600,
	OutageFirst: 200 * time.Second, OutageEvery: 60 * time.Minute, OutageLasts: 10 * time.Minute,
	SagFirst: 20 * time.Minute, SagEvery: 35 * time.Minute, SagLasts: 3 * time.Minute,
	SurgeFirst: 30 * time.Minute, SurgeEvery: 55 * time.Minute, SurgeLasts: 2 * time.Minute,
}

// office has a battery that needs to be replaced, and that is low at the end of
// each outage.
var office = Config{
	Preset: "office", Mfr: "Wattnut", Model: "Office 1500", Serial: "SIM-1500",
	Topology: lineInteractive, Power: 1500, RealPower: 980,
	Voltage: 230, Frequency: 50, Ambient: 24,
	Load: 58, Swing: 12,
	Capacity: 216, BatteryVoltage: 24, Charge: 100, Health: 55, Cycles: 200, Charger: 160,
	Speed: 10, Seed: 1500,
	OutageFirst: 400 * time.Second, OutageEvery: 80 * time.Minute, OutageLasts: 550 * time.Second,
	SagFirst: 2 * time.Minute, SagEvery: 25 * time.Minute, SagLasts: 2 * time.Minute,
}

var rack = Config{
	Preset: "rack", Mfr: "Wattnut", Model: "Rack 3000", Serial: "SIM-3000",
	Topology: online, Power: 3000, RealPower: 2700,
	Voltage: 230, Frequency: 50, Ambient: 25,
	Load: 62, Swing: 8,
	Capacity: 648, BatteryVoltage: 72, Charge: 96, Health: 97, Cycles: 300, Charger: 400,
	Speed: 10, Seed: 3000,
	OutageFirst: 550 * time.Second, OutageEvery: 45 * time.Minute, OutageLasts: 5 * time.Minute,
	SurgeFirst: 15 * time.Minute, SurgeEvery: 40 * time.Minute, SurgeLasts: 4 * time.Minute,
}
