// Package snmpagent is an SNMP agent with a simulated UPS, or a recorded device,
// behind it: v1, v2c and v3, for drills and tests. It is a face of the model in
// drivers/simulator/model.
package snmpagent

import (
	"errors"
	"math"
	"net"
	"sync/atomic"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// Objects is what an agent has. All calls come from the agent's one goroutine.
type Objects interface {
	// Get returns an object, Absent if there is none.
	Get(oid string) snmp.Value
	// Next returns the object after an OID that need not be there, Absent at
	// the end.
	Next(oid string) snmp.Value
	// Set writes an object, and tells whether it could.
	Set(v snmp.Value) bool
}

// Config says who may ask, and how much. The zero Config lets the community
// public read, and nobody write.
type Config struct {
	Community string        // for reading with v1 and v2c: public; of all that ask if it is "*"
	Write     string        // community for writing as well; "" for nobody
	User      snmp.Security // of v3, for reading and writing; none without a Name
	MaxSize   int           // longest answer in bytes; a longer one is tooBig, or 484 if less
	Boots     uint32        // how often the engine was started; v3 clients believe none with less
	// Answer is given each answer that goes out, and returns what is sent in its
	// place; nil sends nothing. It plays an agent that is ill.
	Answer func([]byte) []byte
}

// Agent answers on a UDP socket.
type Agent struct {
	config  Config
	objects Objects
	conn    net.PacketConn
	started time.Time
	v3      *gosnmp.GoSNMP // decodes what v3's user sends; nil if there is none
	asked   atomic.Int64
	done    chan struct{}
}

// minSize is what each agent can send (RFC 3417 section 3.1).
const minSize = 484

// engine is the engine ID of v3: of net-snmp's enterprise number's form, with a
// text of ours (RFC 3411 section 5).
const engine = "\x80\x00\x1f\x88\x04wattnut"

// Listen begins to answer at a UDP address, such as 127.0.0.1:1161.
func Listen(address string, c Config, objects Objects) (*Agent, error) {
	if c.Community == "" {
		c.Community = "public"
	}
	if c.MaxSize == 0 {
		c.MaxSize = math.MaxUint16
	}
	c.MaxSize = max(c.MaxSize, minSize)
	a := &Agent{config: c, objects: objects, started: time.Now(), done: make(chan struct{})}
	if c.User.Name != "" {
		library, err := snmp.Library(snmp.Config{Address: "localhost", Version: "v3", Security: c.User})
		if err != nil {
			return nil, err
		}
		a.v3 = library
		user := a.user()
		user.AuthoritativeEngineID = engine
		if err := user.InitSecurityKeys(); err != nil {
			return nil, err
		}
	}
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	a.conn = conn
	go a.serve()
	return a, nil
}

// Addr is where the agent answers.
func (a *Agent) Addr() net.Addr { return a.conn.LocalAddr() }

// Asked is how many packets were taken for questions so far. It may be called
// from any goroutine.
func (a *Agent) Asked() int64 { return a.asked.Load() }

// Close ends answering.
func (a *Agent) Close() error {
	err := a.conn.Close()
	<-a.done
	return err
}

func (a *Agent) serve() {
	defer close(a.done)
	data := make([]byte, math.MaxUint16)
	for {
		n, from, err := a.conn.ReadFrom(data)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n == 0 {
			continue
		}
		answer := a.answer(data[:n])
		if answer != nil && a.config.Answer != nil {
			answer = a.config.Answer(answer)
		}
		if answer != nil {
			a.conn.WriteTo(answer, from) //nolint:errcheck // UDP: the other asks again
		}
	}
}

// answer is what is sent back for what came; nil for nothing.
func (a *Agent) answer(question []byte) []byte {
	q := a.decode(question)
	if q == nil {
		return nil
	}
	a.asked.Add(1)
	reply := &gosnmp.SnmpPacket{
		Version: q.Version, Community: q.Community, PDUType: gosnmp.GetResponse,
		RequestID: q.RequestID, MsgID: q.MsgID,
	}
	if q.Version == gosnmp.Version3 {
		if len(q.Variables) == 0 { // discovery of the engine (RFC 3414 section 4)
			return a.report(q)
		}
		a.seal(reply, q)
	}
	a.fulfil(q, reply)
	out, err := reply.MarshalMsg()
	if err == nil && len(out) > a.config.MaxSize {
		reply.Error, reply.ErrorIndex, reply.Variables = gosnmp.TooBig, 0, q.Variables[:0]
		if q.Version == gosnmp.Version1 {
			reply.Variables = q.Variables
		}
		out, err = reply.MarshalMsg()
	}
	if err != nil {
		return nil
	}
	return out
}

// fulfil does what q asks for.
func (a *Agent) fulfil(q, reply *gosnmp.SnmpPacket) {
	switch q.PDUType {
	case gosnmp.GetRequest:
		a.each(q, reply, a.objects.Get)
	case gosnmp.GetNextRequest:
		a.each(q, reply, a.objects.Next)
	case gosnmp.GetBulkRequest:
		a.bulk(q, reply)
	case gosnmp.SetRequest:
		a.set(q, reply)
	default:
		reply.Error, reply.Variables = gosnmp.GenErr, q.Variables
	}
}

func (a *Agent) each(q, reply *gosnmp.SnmpPacket, look func(oid string) snmp.Value) {
	for i, asked := range q.Variables {
		v := look(snmp.FromPDU(asked).OID)
		if v.Kind == snmp.Absent && q.Version == gosnmp.Version1 {
			reply.Error, reply.ErrorIndex, reply.Variables = gosnmp.NoSuchName, uint8(i+1), q.Variables //nolint:gosec // few
			return
		}
		pdu := v.PDU()
		if v.Kind == snmp.Absent && q.PDUType == gosnmp.GetNextRequest {
			pdu.Type = gosnmp.EndOfMibView
		}
		reply.Variables = append(reply.Variables, pdu)
	}
}

// bulk walks on from each variable in turn, as far as the answer stays short.
func (a *Agent) bulk(q, reply *gosnmp.SnmpPacket) {
	const most = 50
	size := 0
	for _, asked := range q.Variables {
		at := snmp.FromPDU(asked).OID
		for range min(q.MaxRepetitions, most) {
			v := a.objects.Next(at)
			pdu := v.PDU()
			if v.Kind == snmp.Absent {
				pdu.Type = gosnmp.EndOfMibView
			}
			size += len(v.OID) + len(v.Text) + 16
			if len(reply.Variables) > 0 && size > a.config.MaxSize/2 {
				return
			}
			reply.Variables = append(reply.Variables, pdu)
			if v.Kind == snmp.Absent {
				break
			}
			at = v.OID
		}
	}
}

func (a *Agent) set(q, reply *gosnmp.SnmpPacket) {
	reply.Variables = q.Variables
	for i, pdu := range q.Variables {
		allowed := q.Version == gosnmp.Version3 || a.config.Write != "" && q.Community == a.config.Write
		if !allowed || !a.objects.Set(snmp.FromPDU(pdu)) {
			reply.Error, reply.ErrorIndex = gosnmp.NotWritable, uint8(i+1) //nolint:gosec // few
			if q.Version == gosnmp.Version1 {
				reply.Error = gosnmp.NoSuchName
			}
			return
		}
	}
}
