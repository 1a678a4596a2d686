// Package device runs devices. A Runner owns one device from opening to
// closing, asks it what is new, hands it orders, opens it again when it is
// lost, and publishes what it says. Nothing a device does, hanging and panicking
// included, reaches beyond its own Runner.
package device
