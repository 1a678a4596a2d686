package monitor

import (
	"crypto/tls"

	"github.com/wattnut/wattnut/nut/client"
)

// Link is how a UPS is reached: the rest of its MONITOR line. The UPSes of this
// very agent are looked at in process; see [Options].
type Link struct {
	Name   string // of the Monitor
	Target client.Target

	User     string
	Password string // not to be shown

	// TLS is how to speak TLS with the server: nil as it comes, without looking
	// at the certificate.
	TLS *tls.Config
	// RequireTLS refuses a server that does not speak TLS. Otherwise it is
	// only tried.
	RequireTLS bool
}
