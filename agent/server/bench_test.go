package server

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/loadgen"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// benchNames are the variables of the UPS that is asked for: with those that
// dummy-ups adds, 40.
func benchNames() []nut.Name {
	var all []nut.Name
	for i := range 26 {
		all = append(all, nut.Name(fmt.Sprintf("outlet.%d.current", i+1)))
	}
	return append(all, "battery.charge", "ups.load", "ups.status")
}

func benchFacts(d *nut.Draft) {
	for i := range 11 { // as many as dummy-ups adds
		d.Set(nut.Name(fmt.Sprintf("driver.parameter.number%02d", i)), "value")
	}
	for _, name := range benchNames() {
		d.Set(name, "123.4")
	}
	d.SetStatus("OL", "CHRG")
}

// shapes are the loads that servers are compared under.
func shapes(limit time.Duration) (names []string, all []loadgen.Load) {
	for _, ask := range []struct{ name, request, end string }{
		{"GETVAR", "GET VAR bench ups.status\n", ""}, {"LISTVAR", "LIST VAR bench\n", "END LIST"},
	} {
		for _, conns := range []int{1, 100, 1000} {
			for _, depth := range []int{1, 16} {
				names = append(names, fmt.Sprintf("%s/conns=%d/depth=%d", ask.name, conns, depth))
				all = append(all, loadgen.Load{
					Request: ask.request, End: ask.end, Connections: conns, Depth: depth, Count: 1 << 30, Limit: limit,
				})
			}
		}
	}
	return names, all
}

// BenchmarkServers puts the same loads on our server and on the distribution's
// upsd, one behind the other, each in a process of its own.
func BenchmarkServers(b *testing.B) {
	ours, theirs := startOurs(b), startTheirs(b)
	names, loads := shapes(time.Second)
	for i, load := range loads {
		for _, server := range []struct{ name, address string }{{"wattnut", ours}, {"upsd", theirs}} {
			load.Addr = server.address
			b.Run(names[i]+"/"+server.name, func(b *testing.B) { measure(b, load) })
		}
	}
}

// measure puts a load on once for each b.N, and reports the answers a second.
func measure(b *testing.B, load loadgen.Load) {
	b.Helper()
	rate, broken, median := 0.0, 0, time.Duration(0)
	for range b.N {
		r, err := loadgen.Run(b.Context(), load)
		if err != nil {
			b.Log(err)
		}
		rate += r.Rate() / float64(b.N)
		broken += r.Broken
		median += r.Median / time.Duration(b.N)
	}
	b.ReportMetric(rate, "answers/s")
	b.ReportMetric(float64(median.Microseconds()), "µs/round")
	b.ReportMetric(float64(broken), "broken")
	b.ReportMetric(0, "ns/op")
}

func startTheirs(b *testing.B) string {
	b.Helper()
	var dev strings.Builder
	for _, name := range benchNames()[:28] {
		fmt.Fprintf(&dev, "%s: 123.4\n", name)
	}
	fmt.Fprintln(&dev, "ups.status: OL CHRG")
	return nuttest.StartUPSD(b, nuttest.Config{
		Devices: []nuttest.Device{{Name: "bench", Dev: dev.String()}}, Directives: "MAXCONN 2000",
	}).Addr
}

// benchProcess is set in the environment of a process that only serves.
const benchProcess = "WATTNUT_BENCH_PROCESS"

// startOurs runs this test's binary as a server, and returns its address.
func startOurs(b *testing.B) string {
	b.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestServeForBenchmark$")
	c.Env = append(os.Environ(), benchProcess+"=1")
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = c.Wait() // its tests are not ours
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// TestServeForBenchmark is the other process of BenchmarkServers: it prints its
// address and serves until its input ends.
func TestServeForBenchmark(t *testing.T) {
	if os.Getenv(benchProcess) == "" {
		t.Skip("only BenchmarkServers runs this, in a process of its own")
	}
	s := &Server{Store: storeOf(newUPS("bench", nil, nut.Live, benchFacts))}
	fmt.Println(listen(t, s, Policy{}))
	bufio.NewReader(os.Stdin).ReadByte()
}

// BenchmarkAnswer is what it takes to answer, without a connection.
func BenchmarkAnswer(b *testing.B) {
	for name, request := range map[string]string{"GETVAR": "GET VAR bench ups.status\n", "LISTVAR": "LIST VAR bench\n"} {
		b.Run(name, func(b *testing.B) {
			c := unconnected(&Server{Store: storeOf(newUPS("bench", nil, nut.Live, benchFacts))})
			line := []byte(request)
			b.ReportAllocs()
			for b.Loop() {
				c.out = c.out[:0]
				c.take(line)
			}
		})
	}
}
