package snmp

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"

	"github.com/wattnut/wattnut/drivers"
)

// scan asks each address what it is. Who does not answer, or not to these
// credentials, or is no power device, is passed over: that is what a network
// mostly has.
func scan(ctx context.Context, where drivers.Search, found func(drivers.Found)) error {
	asked := where.Settings
	if slices.ContainsFunc(asked, func(s drivers.Setting) bool { return s.Name == "secLevel" }) {
		asked = slices.Concat([]drivers.Setting{{Name: "snmp_version", Value: "v3"}}, asked)
	}
	config := defaults
	config.Timeout, config.Retries = where.Wait(), 1
	var one sync.Mutex
	if _, err := drivers.Decode(config, slices.Concat([]drivers.Setting{{Name: "port", Value: "localhost"}}, asked)); err != nil {
		return err
	}
	where.Each(ctx, func(ctx context.Context, address netip.Addr) {
		port := address.String()
		if where.Port != 0 {
			port = net.JoinHostPort(port, strconv.Itoa(where.Port))
		}
		c, err := drivers.Decode(config, slices.Concat([]drivers.Setting{{Name: "port", Value: port}}, asked))
		if err != nil {
			return // checked already but for the address, which is one
		}
		who, err := Identify(ctx, c.session(), where.Dir)
		if err != nil || who.MIB == "" {
			return
		}
		one.Lock()
		defer one.Unlock()
		found(section(port, who, asked))
	})
	return ctx.Err()
}

// section is a device as ups.conf would have it.
func section(port string, who Identity, asked []drivers.Setting) drivers.Found {
	settings := []drivers.Setting{{Name: "port", Value: port}}
	if desc := cmp.Or(join(who.Mfr, who.Model), who.Description); desc != "" {
		settings = append(settings, drivers.Setting{Name: "desc", Value: desc})
	}
	settings = append(settings, drivers.Setting{Name: "mibs", Value: who.MIB})
	if len(asked) == 0 {
		asked = []drivers.Setting{{Name: "community", Value: defaults.Community}}
	}
	return drivers.Found{Driver: "snmp-ups", Settings: append(settings, asked...)}
}

// join writes maker and model, without saying the maker twice.
func join(mfr, model string) string {
	switch {
	case mfr == "" || len(model) >= len(mfr) && model[:len(mfr)] == mfr:
		return model
	case model == "":
		return mfr
	}
	return mfr + " " + model
}
