package config

import (
	"crypto/tls"
	"net"
	"time"
)

// Server is what upsd.conf says.
type Server struct {
	Listen        []Listen      // LISTEN: 127.0.0.1 and ::1 if there is none
	ListenDefault bool          // there is no LISTEN: those of the addresses that this machine has will do
	MaxAge        time.Duration // MAXAGE: 15 s
	TrackingDelay time.Duration // TRACKINGDELAY: an hour
	MaxConn       int           // MAXCONN: 0 for what the system allows
	DataPath      string        // DATAPATH: "" if it is not given
	DebugMin      int           // DEBUG_MIN: 0

	AllowNoDevice        bool // ALLOW_NO_DEVICE, of the environment, nut.conf or upsd.conf, in this order
	AllowNotAllListeners bool // ALLOW_NOT_ALL_LISTENERS, likewise

	CertFile       string             // CERTFILE
	CertPath       string             // CERTPATH
	CertName       string             // CERTIDENT's name
	CertPassword   Secret             // CERTIDENT's password
	ClientAuth     tls.ClientAuthType // CERTREQUEST: NO, REQUEST or REQUIRE
	DisableWeakSSL bool               // DISABLE_WEAK_SSL: TLS 1.2 is the least
}

// Listen is where the server listens, and what it asks of who comes there. Two
// of them are equal if nothing is to be done to get from one to the other but
// to note where it stands.
type Listen struct {
	Host string // an address without brackets, a name, or "*" for all of this machine
	Port string // a number, or a service's name: "3493" if none is given
	// TLSRequired is the word tls-required: STARTTLS has to come first.
	TLSRequired bool
	// NoAnonymous is the word no-anonymous: a known user has to be given,
	// with its password, before anything can be read.
	NoAnonymous bool
}

// String is the address and the port.
func (l Listen) String() string { return net.JoinHostPort(l.Host, l.Port) }
