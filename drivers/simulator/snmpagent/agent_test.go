package snmpagent

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/internal/testenv"
)

// few is a small agent's objects.
func few(tb testing.TB) *snmp.Recording {
	tb.Helper()
	r, err := snmp.ReadRecording(strings.NewReader(`1.3.6.1.2.1.1.1.0|4|a small agent
1.3.6.1.2.1.1.2.0|6|1.3.6.1.2.1.33
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.33.1.2.4.0|2|97
1.3.6.1.2.1.33.1.2.6.0|2|-3
1.3.6.1.2.1.33.1.6.1.0|66|2
`))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func listen(tb testing.TB, c Config, objects Objects) *Agent {
	tb.Helper()
	a, err := Listen("127.0.0.1:0", c, objects)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close() })
	return a
}

// user is one of v3 with the best that both sides have.
func user(auth, priv string) snmp.Security {
	return snmp.Security{
		Level: "authPriv", Name: "ups", AuthProtocol: auth, AuthPassword: "authentic-1", PrivProtocol: priv, PrivPassword: "private-22",
	}
}

// netsnmp asks with a program of net-snmp.
func netsnmp(t *testing.T, program string, args ...string) string {
	t.Helper()
	path := testenv.Need(t, program)
	args = append([]string{"-r", "1", "-t", "1", "-On", "-m", ""}, args...)
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if err != nil {
		return fmt.Sprintf("%s (%v)", out.String(), err)
	}
	return out.String()
}

// TestNetSNMP wants the agent understood by net-snmp's programs.
func TestNetSNMP(t *testing.T) {
	a := listen(t, Config{Write: "private", User: user("SHA-256", "AES")}, few(t))
	addr := a.Addr().String()
	v3 := []string{"-v3", "-l", "authPriv", "-u", "ups", "-a", "SHA-256", "-A", "authentic-1", "-x", "AES", "-X", "private-22", addr}
	for _, tt := range []struct {
		program string
		args    []string
		want    []string
	}{
		{"snmpget", []string{"-v1", "-c", "public", addr, "1.3.6.1.2.1.33.1.2.4.0", "1.3.6.1.2.1.33.1.2.6.0"}, []string{"INTEGER: 97", "INTEGER: -3"}},
		{"snmpget", []string{"-v1", "-c", "public", addr, "1.3.6.1.2.1.33.1.2.5.0"}, []string{"noSuchName"}},
		{"snmpget", []string{"-v2c", "-c", "public", addr, "1.3.6.1.2.1.33.1.2.5.0", "1.3.6.1.2.1.33.1.2.4.0"}, []string{"No Such Instance", "INTEGER: 97"}},
		{"snmpget", []string{"-v2c", "-c", "wrong", addr, "1.3.6.1.2.1.33.1.2.4.0"}, []string{"Timeout"}},
		{"snmpwalk", []string{"-v1", "-c", "public", addr, "1.3.6.1.2.1.33"}, []string{"INTEGER: 97", "Gauge32: 2"}},
		{"snmpbulkwalk", []string{"-v2c", "-c", "public", addr, "1.3.6"}, []string{"a small agent", "OID: .1.3.6.1.2.1.33", "Timeticks: (4711)", "Gauge32: 2"}},
		{"snmpset", []string{"-v2c", "-c", "private", addr, "1.3.6.1.2.1.33.1.2.4.0", "i", "50"}, []string{"INTEGER: 50"}},
		{"snmpset", []string{"-v2c", "-c", "public", addr, "1.3.6.1.2.1.33.1.2.4.0", "i", "51"}, []string{"notWritable"}},
		{"snmpset", []string{"-v2c", "-c", "private", addr, "1.3.6.1.2.1.33.1.2.9.0", "i", "51"}, []string{"notWritable"}},
		{"snmpget", append(v3, "1.3.6.1.2.1.33.1.2.4.0"), []string{"INTEGER: 50"}},
		{"snmpset", append(v3, "1.3.6.1.2.1.33.1.2.4.0", "i", "52"), []string{"INTEGER: 52"}},
		{"snmpbulkwalk", append(v3, "1.3.6"), []string{"a small agent", "INTEGER: 52"}},
	} {
		out := netsnmp(t, tt.program, tt.args...)
		for _, want := range tt.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s %v says %q, want %q", tt.program, tt.args, out, want)
			}
		}
	}
}

// TestSession asks with our own side, by every pair of protocols.
func TestSession(t *testing.T) {
	for _, auth := range []string{"MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512"} {
		for _, priv := range []string{"DES", "AES", "AES192", "AES256", "AES192C", "AES256C"} {
			t.Run(auth+" "+priv, func(t *testing.T) {
				t.Parallel()
				a := listen(t, Config{User: user(auth, priv)}, few(t))
				s := session(t, a, snmp.Config{Version: "v3", Security: user(auth, priv)})
				values, err := s.Get(t.Context(), []string{"1.3.6.1.2.1.33.1.2.4.0", "1.3.6.1.9"})
				if err != nil || values[0].Number != 97 || values[1].Kind != snmp.Absent {
					t.Errorf("got %+v, %v", values, err)
				}
				wrong := user(auth, priv)
				wrong.PrivPassword = "something-else"
				s = session(t, a, snmp.Config{Version: "v3", Security: wrong, Timeout: 100 * time.Millisecond})
				if _, err := s.Get(t.Context(), []string{"1.3.6.1.2.1.33.1.2.4.0"}); err == nil {
					t.Error("a wrong password will do")
				}
			})
		}
	}
}

func session(tb testing.TB, a *Agent, c snmp.Config) *snmp.Session {
	tb.Helper()
	c.Address = a.Addr().String()
	if c.Community == "" {
		c.Community = "public"
	}
	s, err := snmp.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// TestTooBig: what does not fit into the longest answer is refused as such.
func TestTooBig(t *testing.T) {
	r := few(t)
	var oids []string
	for i := range 60 {
		oid := fmt.Sprintf("1.3.6.1.4.1.9999.%d.0", i)
		oids = append(oids, oid)
		r.Put(snmp.Value{OID: oid, Kind: snmp.Octets, Text: strings.Repeat("x", 20)})
	}
	for _, version := range []string{"v1", "v2c"} {
		a := listen(t, Config{MaxSize: 1}, r)
		s := session(t, a, snmp.Config{Version: version})
		values, err := s.Get(t.Context(), oids)
		if err != nil || len(values) != 60 || values[59].Text == "" {
			t.Errorf("%s: %d values, %v", version, len(values), err)
		}
		if n := a.Asked(); n > 12 {
			t.Errorf("%s: %d packets", version, n)
		}
	}
}

// TestAnswer plays an agent that says nothing, and then garbage.
func TestAnswer(t *testing.T) {
	a := listen(t, Config{Answer: func([]byte) []byte { return nil }}, few(t))
	s := session(t, a, snmp.Config{Timeout: 50 * time.Millisecond})
	if _, err := s.Get(t.Context(), []string{"1.3.6.1"}); !errors.Is(err, snmp.ErrSilent) {
		t.Errorf("silence brings %v", err)
	}
	a = listen(t, Config{Answer: func(b []byte) []byte { return b[:len(b)/2] }}, few(t))
	s = session(t, a, snmp.Config{Timeout: 50 * time.Millisecond})
	if _, err := s.Get(t.Context(), []string{"1.3.6.1.2.1.1.1.0"}); err == nil {
		t.Error("half an answer will do")
	}
}

// TestCloseEnds: a closed agent answers no more, and its port is free.
func TestCloseEnds(t *testing.T) {
	a := listen(t, Config{}, few(t))
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("udp", a.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// FuzzAnswer: whatever comes, the agent lives.
func FuzzAnswer(f *testing.F) {
	for _, version := range []gosnmp.SnmpVersion{gosnmp.Version1, gosnmp.Version2c} {
		for _, kind := range []gosnmp.PDUType{gosnmp.GetRequest, gosnmp.GetNextRequest, gosnmp.GetBulkRequest, gosnmp.SetRequest} {
			p := gosnmp.SnmpPacket{
				Version: version, Community: "public", PDUType: kind, RequestID: 7, MaxRepetitions: 3,
				Variables: []gosnmp.SnmpPDU{{Name: ".1.3.6.1.2.1.33.1.2.4.0", Type: gosnmp.Null}},
			}
			data, err := p.MarshalMsg()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	a := listen(f, Config{Write: "public", User: user("SHA256", "AES")}, few(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		if out := a.answer(bytes.Clone(data)); len(out) > a.config.MaxSize {
			t.Errorf("an answer of %d bytes", len(out))
		}
	})
}
