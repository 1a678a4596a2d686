package snmp

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// Config says how to reach an agent. Address is required; the zero values of
// the rest are the defaults named.
type Config struct {
	Address   string        // host[:port], with udp:, udp6:, tcp: or tcp6: before it where it is not plain UDP; port 161
	Version   string        // v1, v2c or v3; v1
	Community string        // of v1 and v2c
	Security  Security      // of v3
	Timeout   time.Duration // for one answer: 1 s
	Retries   int           // how often a question is repeated
}

// Security is a user of SNMP v3, by the words that NUT and net-snmp have.
type Security struct {
	Level        string // noAuthNoPriv, authNoPriv, authPriv; noAuthNoPriv
	Name         string
	AuthProtocol string // MD5, SHA, SHA224, SHA256, SHA384, SHA512; MD5
	AuthPassword string
	PrivProtocol string // DES, AES, AES192, AES256, AES192C, AES256C; DES
	PrivPassword string
}

var versions = map[string]gosnmp.SnmpVersion{"": gosnmp.Version1, "v1": gosnmp.Version1, "v2c": gosnmp.Version2c, "v3": gosnmp.Version3}

var levels = map[string]gosnmp.SnmpV3MsgFlags{
	"": gosnmp.NoAuthNoPriv, "noauthnopriv": gosnmp.NoAuthNoPriv, "authnopriv": gosnmp.AuthNoPriv, "authpriv": gosnmp.AuthPriv,
}

var authProtocols = map[string]gosnmp.SnmpV3AuthProtocol{
	"": gosnmp.MD5, "MD5": gosnmp.MD5, "SHA": gosnmp.SHA, "SHA224": gosnmp.SHA224,
	"SHA256": gosnmp.SHA256, "SHA384": gosnmp.SHA384, "SHA512": gosnmp.SHA512,
}

var privProtocols = map[string]gosnmp.SnmpV3PrivProtocol{
	"": gosnmp.DES, "DES": gosnmp.DES, "AES": gosnmp.AES, "AES192": gosnmp.AES192,
	"AES256": gosnmp.AES256, "AES192C": gosnmp.AES192C, "AES256C": gosnmp.AES256C,
}

// upper makes one spelling of a protocol's: "SHA-256" is "SHA256".
func upper(protocol string) string {
	return strings.ReplaceAll(strings.ToUpper(protocol), "-", "")
}

// FieldError is what is wrong with one field of a Config, by the name of its
// setting in NUT. It never has a secret in it.
type FieldError struct{ Setting, Reason string }

// Error names the setting and what is wrong with it.
func (e *FieldError) Error() string { return e.Setting + ": " + e.Reason }

// Check tells all that is wrong, as joined [FieldError]s.
func (c Config) Check() error {
	var errs []error
	wrong := func(setting, reason string) { errs = append(errs, &FieldError{setting, reason}) }
	if _, _, _, err := split(c.Address); err != nil {
		wrong("port", err.Error())
	}
	version, ok := versions[c.Version]
	if !ok {
		wrong("snmp_version", c.Version+" is none of v1, v2c, v3")
	}
	if len(c.Community) > maxCommunity {
		wrong("community", "is longer than 127 bytes")
	}
	if c.Timeout < 0 {
		wrong("snmp_timeout", "is negative")
	}
	if c.Retries < 0 || c.Retries > 100 {
		wrong("snmp_retries", "is not from 0 to 100")
	}
	if version == gosnmp.Version3 {
		errs = append(errs, c.Security.check())
	}
	return errors.Join(errs...)
}

// maxCommunity is the longest community whose length is one byte on the wire.
const maxCommunity = 127

// minPassword is the shortest password of a v3 user (RFC 3414 section 11.2).
const minPassword = 8

func (s Security) check() error {
	var errs []error
	wrong := func(setting, reason string) { errs = append(errs, &FieldError{setting, reason}) }
	level, ok := levels[strings.ToLower(s.Level)]
	if !ok {
		wrong("secLevel", s.Level+" is none of noAuthNoPriv, authNoPriv, authPriv")
	}
	if s.Name == "" {
		wrong("secName", "is missing: SNMP v3 knows users")
	}
	if _, ok := authProtocols[upper(s.AuthProtocol)]; !ok {
		wrong("authProtocol", s.AuthProtocol+" is none of MD5, SHA, SHA224, SHA256, SHA384, SHA512")
	}
	if _, ok := privProtocols[upper(s.PrivProtocol)]; !ok {
		wrong("privProtocol", s.PrivProtocol+" is none of DES, AES, AES192, AES256, AES192C, AES256C")
	}
	if level&gosnmp.AuthNoPriv != 0 && len(s.AuthPassword) < minPassword {
		wrong("authPassword", "needs at least 8 characters with this secLevel")
	}
	if level == gosnmp.AuthPriv && len(s.PrivPassword) < minPassword {
		wrong("privPassword", "needs at least 8 characters with this secLevel")
	}
	return errors.Join(errs...)
}

// split reads an address: the network, the host, and the port.
func split(address string) (network, host string, port uint16, err error) {
	network = "udp"
	for _, prefix := range []string{"udp", "udp6", "tcp", "tcp6"} {
		if rest, ok := strings.CutPrefix(address, prefix+":"); ok {
			network, address = prefix, rest
			break
		}
	}
	host, service := address, "161"
	if strings.Count(address, ":") == 1 || strings.HasPrefix(address, "[") && strings.Contains(address, "]:") {
		if host, service, err = net.SplitHostPort(address); err != nil {
			return "", "", 0, fmt.Errorf("%q is no address: %w", address, err)
		}
	}
	host = strings.Trim(host, "[]")
	n, err := strconv.ParseUint(service, 10, 16)
	if err != nil || n == 0 {
		return "", "", 0, fmt.Errorf("%q is no port", service)
	}
	if host == "" || strings.ContainsAny(host, " \t") {
		return "", "", 0, fmt.Errorf("%q names no host", address)
	}
	return network, host, uint16(n), nil
}

// Library is c as gosnmp wants it, not yet connected.
func Library(c Config) (*gosnmp.GoSNMP, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	network, host, port, _ := split(c.Address)
	g := &gosnmp.GoSNMP{
		Target: host, Port: port, Transport: network,
		Version: versions[c.Version], Community: c.Community,
		Timeout: c.Timeout, Retries: c.Retries, MaxOids: maxObjects,
	}
	if g.Timeout == 0 {
		g.Timeout = time.Second
	}
	if g.Version == gosnmp.Version3 {
		g.SecurityModel, g.MsgFlags = gosnmp.UserSecurityModel, levels[strings.ToLower(c.Security.Level)]
		g.SecurityParameters = c.Security.user(g.MsgFlags)
	}
	return g, nil
}

func (s Security) user(level gosnmp.SnmpV3MsgFlags) *gosnmp.UsmSecurityParameters {
	u := &gosnmp.UsmSecurityParameters{
		UserName:               s.Name,
		AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv,
	}
	if level&gosnmp.AuthNoPriv != 0 {
		u.AuthenticationProtocol, u.AuthenticationPassphrase = authProtocols[upper(s.AuthProtocol)], s.AuthPassword
	}
	if level == gosnmp.AuthPriv {
		u.PrivacyProtocol, u.PrivacyPassphrase = privProtocols[upper(s.PrivProtocol)], s.PrivPassword
	}
	return u
}
