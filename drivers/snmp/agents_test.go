package snmp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	transport "github.com/wattnut/wattnut/drivers/transport/snmp"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// ways are how each agent of others is asked, by us and by NUT.
var ways = []struct {
	name    string
	config  Config
	options []string
}{
	{"v1", Config{Version: "v1"}, nil},
	{"v2c", Config{Version: "v2c"}, []string{"snmp_version=v2c"}},
	{"v3", Config{
		Version: "v3", Level: "authPriv", User: "ups", AuthProtocol: "SHA256", AuthPassword: "authentic", PrivProtocol: "AES", PrivPassword: "private22",
	}, []string{
		"snmp_version=v3", "secLevel=authPriv", "secName=ups", "authProtocol=SHA256", "authPassword=authentic",
		"privProtocol=AES", "privPassword=private22",
	}},
}

// TestSNMPD: net-snmp's agent serves each invented device, and both sides read
// it by v1, v2c, and v3 with SHA-256 and AES.
func TestSNMPD(t *testing.T) {
	testenv.Need(t, "snmp-ups")
	testenv.Need(t, "snmpd")
	for _, name := range []string{"ietf", "apc", "apc-pdu", "cyberpower", "mge", "huawei", "raritan", "eaton-epdu"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testWays(t, startSNMPD(t, played(t, name).Recording), name)
		})
	}
}

// TestSNMPSim is the same with snmpsim.
func TestSNMPSim(t *testing.T) {
	testenv.Need(t, "snmp-ups")
	testenv.Need(t, "snmpsimd")
	for _, name := range []string{"ietf", "apc", "apc-pdu", "cyberpower", "mge", "huawei", "raritan", "eaton-epdu"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testWays(t, startSNMPSim(t, name), name)
		})
	}
}

// TestSNMPDTakesOrders sets and commands through net-snmp's agent, which takes no
// object of another type than it has, and looks with net-snmp's own eyes.
func TestSNMPDTakesOrders(t *testing.T) {
	snmpget := testenv.Need(t, "snmpget")
	testenv.Need(t, "snmpd")
	address := startSNMPD(t, played(t, "apc").Recording)
	for i, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c := way.config
			c.Port, c.Community, c.Timeout = address, "public", time.Second
			session, err := transport.Open(t.Context(), c.session())
			if err != nil {
				t.Fatal(err)
			}
			u := opened(t, session, c)
			defer u.Close()
			var d nut.Draft
			read(t, u, &d)
			seconds := strconv.Itoa(60 * (i + 1))
			for name, value := range map[nut.Name]string{
				"ups.id": "rack " + way.name, "input.transfer.low": "20" + strconv.Itoa(i), "ups.delay.shutdown": seconds, "input.sensitivity": "low",
			} {
				if err := u.Set(t.Context(), name, value); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if got := read(t, u, &d).Value(name); got != value {
					t.Errorf("%s is %q, want %q", name, got, value)
				}
			}
			if err := u.Command(t.Context(), "load.off", strconv.Itoa(i+2)); err != nil {
				t.Error(err)
			}
			out, err := exec.CommandContext(t.Context(), snmpget, "-v2c", "-c", "public", "-m", "", "-Oqv", address,
				"1.3.6.1.4.1.318.1.1.1.1.1.2.0", "1.3.6.1.4.1.318.1.1.1.5.2.7.0", "1.3.6.1.4.1.318.1.1.1.6.2.1.0").Output()
			if want := fmt.Sprintf("\"rack %s\"\n2\n%d\n", way.name, i+2); err != nil || string(out) != want {
				t.Errorf("snmpget says %q, %v; want %q", out, err, want)
			}
		})
	}
}

// TestTCP reads net-snmp's agent over TCP, by v2c and v3.
func TestTCP(t *testing.T) {
	testenv.Need(t, "snmpd")
	address := startSNMPD(t, played(t, "eaton-epdu").Recording)
	byUDP := ours(t, address, ways[1].config)
	for _, way := range ways[1:] {
		for name, d := range differ(ours(t, "tcp:"+address, way.config), byUDP) {
			t.Errorf("%s: %s: %s", way.name, name, d)
		}
	}
}

func testWays(t *testing.T, address, name string) {
	t.Helper()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			known := knownDifferences(t, "differences.tsv").of(name)
			if way.name != "v1" {
				// Where noSuchInstance is an answer, 2.8.0 takes index 0 for
				// there, and does not end counting the members of a chain.
				if name == "eaton-epdu" {
					if us := ours(t, address, way.config); len(us) < 300 {
						t.Errorf("only %d variables", len(us))
					}
					return
				}
				known = append(known, &difference{variable: "outlet.*"})
			}
			compareWithNUT(t, address, known, way.options, way.config)
		})
	}
}

// startSNMPD runs net-snmp's agent with the objects of a recording.
func startSNMPD(t *testing.T, r *transport.Recording) string {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	var conf strings.Builder
	fmt.Fprintf(&conf, `agentaddress udp:127.0.0.1:%[1]s,tcp:127.0.0.1:%[1]s
rwcommunity public 127.0.0.1
createUser ups SHA-256 authentic AES private22
rwuser ups authpriv
sysObjectID .%[2]s
`, port, r.Get(oidSysObjectID).Text)
	for v := r.Next("1.3"); v.Kind != transport.Absent; v = r.Next(v.OID) {
		var kind string
		text := strconv.FormatInt(v.Number, 10)
		switch v.Kind {
		case transport.Integer:
			kind = "integer"
		case transport.Unsigned:
			kind = "uinteger"
		case transport.Counter:
			kind = "counter"
		case transport.Ticks:
			kind = "timeticks"
		case transport.Object:
			kind, text = "object_id", "."+v.Text
		default:
			kind, text = "octet_str", strconv.Quote(v.Text)
		}
		if v.OID != oidSysObjectID && v.OID != oidSysUpTime {
			fmt.Fprintf(&conf, "override -rw .%s %s %s\n", v.OID, kind, text)
		}
	}
	write(t, filepath.Join(dir, "snmpd.conf"), conf.String())
	start(t, dir, testenv.Need(t, "snmpd"), "-f", "-Le", "-C", "-c", filepath.Join(dir, "snmpd.conf"), "-p", filepath.Join(dir, "pid"))
	return awaitAgent(t, "127.0.0.1:"+port)
}

// startSNMPSim runs snmpsim with a recording of ours.
func startSNMPSim(t *testing.T, name string) string {
	t.Helper()
	dir, port := nuttest.ShortDir(t), freePort(t)
	data, err := os.ReadFile(filepath.Join("testdata", name+".snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	// v1 and v2c find the file by their community, v3 by the address of who asks.
	sender := filepath.Join(dir, "1.3.6.1.6.1.1.0")
	if err := os.Mkdir(sender, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(dir, "public.snmprec"), filepath.Join(sender, "127.0.0.1.snmprec")} {
		write(t, file, string(data))
	}
	args := []string{
		"--data-dir=" + dir, "--cache-dir=" + dir, "--agent-udpv4-endpoint=127.0.0.1:" + port,
		"--v3-user=ups", "--v3-auth-key=authentic", "--v3-auth-proto=SHA256", "--v3-priv-key=private22", "--v3-priv-proto=AES",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--process-user=root", "--process-group=root")
	}
	start(t, dir, testenv.Need(t, "snmpsimd"), args...)
	return awaitAgent(t, "127.0.0.1:"+port)
}

func freePort(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(freeUDP(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// start runs a program until the test ends.
func start(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir, "MIBS=", "HOME="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %s", filepath.Base(program), out.String())
		}
	})
}

// awaitAgent waits until an agent answers.
func awaitAgent(t *testing.T, address string) string {
	t.Helper()
	nuttest.Await(t, func() error {
		s, err := transport.Open(t.Context(), transport.Config{Address: address, Community: "public", Timeout: 200 * time.Millisecond})
		if err != nil {
			return err
		}
		defer s.Close()
		values, err := s.Get(t.Context(), []string{oidSysDescr})
		if err == nil && values[0].Kind == transport.Absent {
			err = errors.New("no sysDescr yet")
		}
		return err
	})
	return address
}
