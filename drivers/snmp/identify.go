package snmp

import (
	"context"
	"errors"
	"strings"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
)

// Identity is what a device says it is. What it does not say is "".
type Identity struct {
	MIB         string // for the option mibs
	Mfr         string
	Model       string
	Serial      string
	Description string // sysDescr
}

// Identify asks an agent what it is, with the credentials and the patience of c;
// confDir is where a user's own tables are, "" for none. It takes a handful of
// packets, and no longer than ctx.
//
// [transport.ErrSilent] and [transport.ErrRefused] mean that there is nobody,
// or nobody for these credentials. An agent that is no power device is no error:
// its Identity has no MIB.
func Identify(ctx context.Context, c transport.Config, confDir string) (Identity, error) {
	tables, _ := openLibrary(confDir) // a table that is broken is told when a device is opened
	session, err := transport.Open(ctx, c)
	if err != nil {
		return Identity{}, err
	}
	defer session.Close() //nolint:errcheck // nothing is lost
	return identify(ctx, session, tables)
}

func identify(ctx context.Context, a agent, tables library) (Identity, error) {
	values, err := a.Get(ctx, []string{oidSysDescr})
	if err != nil {
		return Identity{}, err
	}
	who := Identity{Description: clean(values[0].Text)}
	e, err := tables.detect(ctx, a, mibsAuto)
	if errors.Is(err, errUnknownDevice) {
		return who, nil
	}
	if err != nil {
		return who, err
	}
	who.MIB = e.mib
	t, err := e.table()
	if err != nil {
		return who, err
	}
	return who, t.describe(ctx, a, &who)
}

// describe reads the rows that say who the device is; of a chain, its first
// member.
func (t *table) describe(ctx context.Context, a agent, who *Identity) error {
	want := map[string]*string{"mfr": &who.Mfr, "model": &who.Model, "serial": &who.Serial}
	ask := newSet()
	for _, r := range t.Variables {
		if want[part(r.Name)] != nil && r.Default == nil {
			ask.add(models(r.OID)...)
		}
	}
	values, err := a.Get(ctx, ask.oids)
	if err != nil {
		return err
	}
	said := make(map[string]transport.Value)
	for _, v := range values {
		said[v.OID] = v
	}
	for _, r := range t.Variables {
		target := want[part(r.Name)]
		if target == nil || *target != "" {
			continue
		}
		if r.Default != nil {
			*target = *r.Default
			continue
		}
		for _, oid := range models(r.OID) {
			if text, ok := r.render(said[oid], t.Lookups[r.Lookup], -1); ok && *target == "" {
				*target = text
			}
		}
	}
	return nil
}

// part is the x of device.x and ups.x.
func part(name string) string {
	if rest, ok := strings.CutPrefix(name, "device."); ok {
		return rest
	}
	rest, _ := strings.CutPrefix(name, "ups.")
	return rest
}
