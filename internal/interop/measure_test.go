//go:build linux

package interop

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/internal/nuttest"
)

// cost is what a process has used.
type cost struct {
	cpu time.Duration // since its start
	rss int           // MB now
}

// costOf reads /proc.
func costOf(tb testing.TB, pid int) cost {
	tb.Helper()
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		tb.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	pages, err3 := strconv.Atoi(fields[21])
	if err1 != nil || err2 != nil || err3 != nil {
		tb.Fatalf("%s/stat: %q", dir, stat)
	}
	const tick = time.Second / 100 // USER_HZ, which Linux fixes
	return cost{time.Duration(user+system) * tick, pages * os.Getpagesize() >> 20}
}

// fleetOf is ups.conf for n UPSes of 60 variables, played from one file.
func fleetOf(n int) files {
	var ups, dev strings.Builder
	for i := range n {
		fmt.Fprintf(&ups, "[u%d]\ndriver = dummy-ups\nport = x.dev\n", i)
	}
	for i := range 50 {
		fmt.Fprintf(&dev, "outlet.%d.current: %d.5\n", i+1, i)
	}
	dev.WriteString("ups.status: OL CHRG\nbattery.charge: 99\nups.load: 12\nups.mfr: Acme\nups.model: M\n")
	return files{"ups.conf": ups.String(), "x.dev": dev.String()}
}

// TestMeasureFleet holds a thousand UPSes in one agent to a twentieth of a core
// and 150 MB, and a scrape of all it has to say of them to 150 ms of one core.
func TestMeasureFleet(t *testing.T) {
	const n = 1000
	s := newSite(t, fleetOf(n))
	web := nuttest.FreePort(t)
	s.vars = []string{"WATTNUT_WEB_LISTEN=127.0.0.1:" + web}
	agent := s.start(ours("wattnut"), "agent")
	nuttest.Await(t, func() error { return s.live("u" + strconv.Itoa(n-1)) })
	settle(t, 4*time.Second)
	before := costOf(t, agent.cmd.Process.Pid)
	const window = 6 * time.Second
	settle(t, window)
	after := costOf(t, agent.cmd.Process.Pid)
	share := 100 * (after.cpu - before.cpu).Seconds() / window.Seconds()
	t.Logf("%d UPSes of 60 variables, polled every 2 s: %.1f %% of a core, %d MB", n, share, after.rss)
	if share > 5 || after.rss > 150 {
		t.Errorf("that is more than 5 %% of a core or 150 MB")
	}
	const scrapes = 20
	before, began, size := costOf(t, agent.cmd.Process.Pid), time.Now(), 0
	for range scrapes {
		size = len(fetch(t, "http://127.0.0.1:"+web+"/metrics"))
	}
	took := costOf(t, agent.cmd.Process.Pid).cpu - before.cpu
	t.Logf("a scrape: %v of a core, after %v, %d bytes", took/scrapes, time.Since(began)/scrapes, size)
	if took/scrapes > 150*time.Millisecond {
		t.Errorf("that is more than 150 ms")
	}
}

// TestMeasureIdleClients holds ten thousand idle clients to 300 MB. Where a
// process may not have as many sockets, it takes as many as it may.
func TestMeasureIdleClients(t *testing.T) {
	n := 10000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if most := int(limit.Cur) - 200; most < n {
		t.Logf("this system allows a process %d files only", limit.Cur)
		n = most
	}
	s := newSite(t, fleetOf(1))
	agent := s.start(ours("wattnut"), "agent")
	nuttest.Await(t, func() error { return s.live("u0") })
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
	}()
	for range n {
		c, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatalf("client %d: %v", len(conns), err)
		}
		conns = append(conns, c)
	}
	answer := make([]byte, 64)
	for i, c := range conns { // each is served, then waits
		if _, err := c.Write([]byte("GET VAR u0 ups.status\n")); err != nil {
			t.Fatalf("client %d: %v", i, err)
		}
	}
	for i, c := range conns {
		c.SetReadDeadline(time.Now().Add(patience))
		if k, err := c.Read(answer); err != nil || string(answer[:k]) != "VAR u0 ups.status \"OL CHRG\"\n" {
			t.Fatalf("client %d: %q, %v", i, answer[:k], err)
		}
	}
	settle(t, time.Second)
	used := costOf(t, agent.cmd.Process.Pid)
	t.Logf("%d idle clients: %d MB", n, used.rss)
	if used.rss > 300 {
		t.Error("that is more than 300 MB")
	}
}

// settle lets time pass.
func settle(tb testing.TB, d time.Duration) {
	tb.Helper()
	select {
	case <-time.After(d):
	case <-tb.Context().Done():
	}
}
