package snmp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// agent is what is asked: a session, or a recording of one.
type agent interface {
	Get(ctx context.Context, oids []string) ([]transport.Value, error)
	Walk(ctx context.Context, root string, limit int) ([]transport.Value, error)
	Set(ctx context.Context, v transport.Value) error
	Close() error
}

// Objects of SNMPv2-MIB that every agent should have.
const (
	oidSysDescr    = "1.3.6.1.2.1.1.1.0"
	oidSysObjectID = "1.3.6.1.2.1.1.2.0"
	oidSysUpTime   = "1.3.6.1.2.1.1.3.0"
)

// mibsAuto is the value of the option mibs that asks for detection.
const mibsAuto = "auto"

// errUnknownDevice is what a device of no table brings.
var errUnknownDevice = errors.New("the agent answers, but what it has is in no table")

// detect finds the table of a device: by its sysObjectID, else by which models
// are there, in the order of the library. A table is taken only if the device
// has its model. With mibs other than auto only those of that name count.
func (l library) detect(ctx context.Context, a agent, mibs string) (entry, error) {
	if mibs != "" && !strings.EqualFold(mibs, mibsAuto) {
		named := l.named(mibs)
		if len(named) == 0 {
			return entry{}, fmt.Errorf("mibs: there is no MIB %s; there are %s", mibs, strings.Join(l.names(), ", "))
		}
		e, err := named.present(ctx, a)
		if errors.Is(err, errUnknownDevice) {
			return entry{}, fmt.Errorf("mibs: the agent answers, but has nothing of %s; try mibs = auto", mibs)
		}
		return e, err
	}
	values, err := a.Get(ctx, []string{oidSysObjectID})
	if err != nil {
		return entry{}, err
	}
	if by := l.of(strings.TrimPrefix(values[0].Text, ".")); len(by) > 0 {
		if e, err := by.present(ctx, a); !errors.Is(err, errUnknownDevice) {
			return e, err
		}
	}
	e, err := l.present(ctx, a)
	if errors.Is(err, errUnknownDevice) {
		return e, fmt.Errorf("%w; its sysObjectID is %q", err, values[0].Text)
	}
	return e, err
}

// present is the first entry whose model the device has.
func (l library) present(ctx context.Context, a agent) (entry, error) {
	var oids []string
	at := make(map[string]int)
	for _, e := range l {
		for _, oid := range models(e.model) {
			if _, ok := at[oid]; !ok {
				at[oid] = len(oids)
				oids = append(oids, oid)
			}
		}
	}
	values, err := a.Get(ctx, oids)
	if err != nil {
		return entry{}, err
	}
	for _, e := range l {
		for _, oid := range models(e.model) {
			if values[at[oid]].Kind != transport.Absent {
				return e, nil
			}
		}
	}
	return entry{}, errUnknownDevice
}

// models are the OIDs that a model may be at: agents count the members of a
// chain from 0 or from 1.
func models(oid string) []string {
	if !strings.Contains(oid, holeDevice) {
		return []string{oid}
	}
	return []string{fill(oid, 0, 0), fill(oid, 1, 0)}
}

func (l library) named(name string) library {
	var some library
	for _, e := range l {
		if e.mib == name {
			some = append(some, e)
		}
	}
	return some
}

func (l library) of(sysObject string) library {
	var some library
	for _, e := range l {
		if e.sysObject == sysObject {
			some = append(some, e)
		}
	}
	return some
}

// names are the values that the option mibs may have.
func (l library) names() []string {
	all := []string{mibsAuto}
	for _, e := range l {
		if all[len(all)-1] != e.mib {
			all = append(all, e.mib)
		}
	}
	return all
}
