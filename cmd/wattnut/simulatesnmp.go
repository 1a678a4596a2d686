package main

import (
	"cmp"
	"context"

	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
)

// agentMIB is a UPS as the objects of a MIB.
type agentMIB func(do func(func(*model.UPS)), id snmpagent.Identity) snmpagent.Objects

// openAgent makes an SNMP agent that has the UPS by a MIB, for v1 and v2c: the
// community public reads, and private writes as well.
func openAgent(mib agentMIB) func(stage) (string, func(context.Context) error, error) {
	return func(s stage) (string, func(context.Context) error, error) {
		config := snmpagent.Config{Write: "private", Answer: func(answer []byte) []byte {
			if s.ups.Silent() {
				return nil
			}
			return answer
		}}
		a, err := snmpagent.Listen(cmp.Or(s.at, "127.0.0.1:1161"), config, mib(s.ups.Do, snmpagent.Identity{
			Mfr: s.config.Mfr, Model: s.config.Model, Serial: s.config.Serial, Firmware: "1.0", Name: "simulated",
		}))
		if err != nil {
			return "", nil, err
		}
		return a.Addr().String(), func(ctx context.Context) error {
			<-ctx.Done()
			return a.Close()
		}, nil
	}
}
