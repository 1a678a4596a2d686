package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/drivers/transport/snmp"
)

// fleetVariable asks this test binary to be a fleet of so many SNMP agents, in a
// process of its own, in place of running tests.
const fleetVariable = "WATTNUT_TEST_FLEET"

// fleet is many agents that note when they are asked.
type fleet struct {
	mu    sync.Mutex
	asked [][]time.Time // of each agent
}

// account is what a fleet saw since it was asked last.
type account struct {
	Packets int
	Polls   int
	Apart   []time.Duration // from one poll of an agent to the next, in order of size
}

// runFleet serves n agents: it prints their addresses, a line each, and for each
// line that it reads an account. It ends with its input.
func runFleet(n int, in io.Reader, out io.Writer) error {
	f := &fleet{asked: make([][]time.Time, n)}
	for i := range n {
		file, err := os.Open("../../drivers/snmp/testdata/apc.snmprec")
		if err != nil {
			return err
		}
		objects, err := snmp.ReadRecording(file)
		file.Close()
		if err != nil {
			return err
		}
		a, err := snmpagent.Listen("127.0.0.1:0", snmpagent.Config{Answer: func(b []byte) []byte { f.note(i); return b }}, objects)
		if err != nil {
			return err
		}
		defer a.Close()
		fmt.Fprintln(out, a.Addr())
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := json.NewEncoder(out).Encode(f.account()); err != nil {
			return err
		}
	}
	return nil
}

func (f *fleet) note(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[i] = append(f.asked[i], time.Now())
}

// account counts, and begins anew. Questions that come within half a second are
// of one poll.
func (f *fleet) account() account {
	f.mu.Lock()
	defer f.mu.Unlock()
	var a account
	for i, all := range f.asked {
		var began, last time.Time
		for _, at := range all {
			if at.Sub(last) > 500*time.Millisecond {
				if !began.IsZero() {
					a.Apart = append(a.Apart, at.Sub(began))
				}
				began = at
				a.Polls++
			}
			last = at
		}
		a.Packets += len(all)
		f.asked[i] = nil
	}
	slices.Sort(a.Apart)
	return a
}

// late is how much later than after interval the next poll came: of all but the
// given part of them, at most.
func (a account) late(interval time.Duration, part float64) time.Duration {
	if len(a.Apart) == 0 {
		return 0
	}
	return a.Apart[min(len(a.Apart)-1, int(part*float64(len(a.Apart))))] - interval
}

// fleetProcess is a fleet in a process of its own.
type fleetProcess struct {
	testing.TB

	addresses []string
	in        io.Writer
	out       *bufio.Reader
}

func startFleet(tb testing.TB, n int) *fleetProcess {
	tb.Helper()
	program, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), fleetVariable+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		tb.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { in.Close(); cmd.Wait() })
	f := &fleetProcess{TB: tb, in: in, out: bufio.NewReader(out)}
	for range n {
		f.addresses = append(f.addresses, f.line())
	}
	return f
}

func (f *fleetProcess) line() string {
	f.Helper()
	line, err := f.out.ReadString('\n')
	if err != nil {
		f.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (f *fleetProcess) account() account {
	f.Helper()
	fmt.Fprintln(f.in, "account")
	var a account
	if err := json.Unmarshal([]byte(f.line()), &a); err != nil {
		f.Fatal(err)
	}
	return a
}
