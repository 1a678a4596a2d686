package monitor

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	"github.com/wattnut/wattnut/nut/client"
)

// Link is how a UPS is reached: the rest of its MONITOR line.
type Link struct {
	Name   string // of the Monitor
	Target client.Target

	User     string
	Password string // not to be shown

	// TLS is how to speak TLS with the server; it needs a ServerName. nil
	// does not look at the certificate.
	TLS *tls.Config
	// RequireTLS refuses a server that does not speak TLS. Otherwise it is
	// only tried.
	RequireTLS bool
}

// watch is all that a source has to know.
type watch struct {
	Link

	counts  bool // feeds this host, which so logs in
	primary bool
	figures bool // the decision looks at the battery's figures
}

// watches puts the links to what is decided from them.
func watches(c Config, links []Link) ([]watch, error) {
	all := make([]watch, 0, len(c.UPSes))
	for _, u := range c.UPSes {
		i := slices.IndexFunc(links, func(l Link) bool { return l.Name == u.Name })
		if i < 0 {
			return nil, fmt.Errorf("monitor %s: no link", u.Name)
		}
		all = append(all, watch{
			Link: links[i], counts: u.Value > 0, primary: u.Primary,
			figures: u.Limits != Limits{} || u.Agree.On,
		})
	}
	return all, nil
}

// equal tells whether a source for w does for o.
func (w watch) equal(o watch) bool {
	same := sameTLS(w.TLS, o.TLS)
	w.TLS, o.TLS = nil, nil
	return same && w == o
}

func sameTLS(a, b *tls.Config) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ServerName == b.ServerName && a.InsecureSkipVerify == b.InsecureSkipVerify && a.RootCAs.Equal(b.RootCAs) &&
		slices.EqualFunc(a.Certificates, b.Certificates, func(a, b tls.Certificate) bool {
			return slices.EqualFunc(a.Certificate, b.Certificate, slices.Equal)
		})
}

// source is where the readings of one UPS come from.
type source interface {
	// reading is what is known now. It does not wait.
	reading(now time.Time) Reading
	// ask has something seen to soon. It does not wait.
	ask(w wish)
	// run watches the UPS until ctx ends.
	run(ctx context.Context)
}

// wish is what a source can be asked for.
type wish uint8

const (
	wishFSD    wish = 1 << iota // latch the forced shutdown, and do not rest until it is
	wishLogins                  // count the logins again
	wishRenew                   // the host woke: what was known of the connection is not any more
)
