package snmpagent

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/gosnmp/gosnmp"
)

// oidUnknownEngine is the counter that a report to a discovery names.
const oidUnknownEngine = ".1.3.6.1.6.3.15.1.1.4.0"

// decode reads a question; nil is one that gets no answer.
func (a *Agent) decode(data []byte) (q *gosnmp.SnmpPacket) {
	defer func() {
		if recover() != nil { // gosnmp reads most of what is foreign, but not all
			q = nil
		}
	}()
	library := &gosnmp.GoSNMP{}
	if version(data) == gosnmp.Version3 {
		if a.v3 == nil {
			return nil
		}
		library = a.v3
	}
	q, err := library.UnmarshalTrap(data, true)
	if err != nil || q.Version != gosnmp.Version3 && !a.knows(q.Community) {
		return nil
	}
	return q
}

// version is the version of a message; v1 where it is none.
func version(data []byte) gosnmp.SnmpVersion {
	for i := 2; i+2 < len(data) && i < 8; i++ {
		if data[i] == 2 && data[i+1] == 1 {
			return gosnmp.SnmpVersion(data[i+2])
		}
	}
	return gosnmp.Version1
}

func (a *Agent) knows(community string) bool {
	c := a.config
	return c.Community == "*" || community == c.Community || c.Write != "" && community == c.Write
}

// user is v3's, with the keys for this engine.
func (a *Agent) user() *gosnmp.UsmSecurityParameters {
	return a.v3.SecurityParameters.(*gosnmp.UsmSecurityParameters)
}

// report tells who asks without knowing it which engine this is, and its time.
func (a *Agent) report(q *gosnmp.SnmpPacket) []byte {
	reply := &gosnmp.SnmpPacket{
		Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: gosnmp.NoAuthNoPriv,
		PDUType: gosnmp.Report, MsgID: q.MsgID, RequestID: q.RequestID, ContextEngineID: engine,
		SecurityParameters: &gosnmp.UsmSecurityParameters{
			AuthoritativeEngineID: engine, AuthoritativeEngineBoots: a.config.Boots, AuthoritativeEngineTime: a.time(),
			AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv,
		},
		Variables: []gosnmp.SnmpPDU{{Name: oidUnknownEngine, Type: gosnmp.Counter32, Value: uint32(1)}},
	}
	out, err := reply.MarshalMsg()
	if err != nil {
		return nil
	}
	return out
}

// seal gives an answer the level and the keys of v3's user.
func (a *Agent) seal(reply, q *gosnmp.SnmpPacket) {
	user := a.user()
	salt := binary.BigEndian.AppendUint64(nil, uint64(a.asked.Load())) //nolint:gosec // counts up
	reply.SecurityModel, reply.MsgFlags = gosnmp.UserSecurityModel, a.v3.MsgFlags
	reply.ContextEngineID, reply.ContextName = engine, q.ContextName
	reply.SecurityParameters = &gosnmp.UsmSecurityParameters{
		UserName: user.UserName, AuthoritativeEngineID: engine,
		AuthoritativeEngineBoots: a.config.Boots, AuthoritativeEngineTime: a.time(),
		AuthenticationProtocol: user.AuthenticationProtocol, PrivacyProtocol: user.PrivacyProtocol,
		SecretKey: user.SecretKey, PrivacyKey: user.PrivacyKey, PrivacyParameters: salt,
	}
}

// time is the engine's, in seconds since it was started.
func (a *Agent) time() uint32 {
	return uint32(min(time.Since(a.started)/time.Second, math.MaxInt32)) //nolint:gosec // fits
}
