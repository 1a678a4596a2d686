package loadgen

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve answers each line with what answer makes of it, and closes where that
// is "".
func serve(t *testing.T, answer func(line string) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for lines := bufio.NewScanner(c); lines.Scan(); {
					text := answer(lines.Text())
					if text == "" {
						return
					}
					fmt.Fprint(c, text)
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestRun(t *testing.T) {
	addr := serve(t, func(line string) string {
		if line == "LIST" {
			return "BEGIN\nrow\nEND\n"
		}
		return "answer\n"
	})
	for _, l := range []Load{
		{Request: "GET\n", Connections: 1, Depth: 1, Count: 100},
		{Request: "GET\n", Connections: 5, Depth: 4, Count: 200},
		{Request: "LIST\n", End: "END", Connections: 5, Depth: 4, Count: 200},
	} {
		l.Addr, l.Limit = addr, time.Minute
		r, err := Run(t.Context(), l)
		if err != nil || r.Answers != l.Count || r.Broken != 0 {
			t.Errorf("%+v: %+v, %v", l, r, err)
		}
		if r.Rate() <= 0 || r.Median > r.Worst {
			t.Errorf("%+v: %+v", l, r)
		}
	}
}

func TestRunIsBoundedInTime(t *testing.T) {
	addr := serve(t, func(string) string { return "answer\n" })
	start := time.Now()
	r, err := Run(t.Context(), Load{Addr: addr, Request: "GET\n", Connections: 2, Depth: 1, Count: 1 << 30, Limit: 50 * time.Millisecond})
	if err != nil || r.Answers == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestRunTellsWhatIsWrong(t *testing.T) {
	var asked atomic.Int32
	for want, answer := range map[string]func(string) string{
		"the answer is": func(string) string { return "ERR UNKNOWN-UPS\n" },
		"probe":         func(string) string { return "" },
		"differs": func(string) string {
			return fmt.Sprintf("answer %d\n", asked.Add(1)%10)
		},
		"1 of 1 connections": func(line string) string {
			if asked.Add(1)%3 == 0 {
				return ""
			}
			return "answer\n"
		},
	} {
		asked.Store(0)
		_, err := Run(t.Context(), Load{Addr: serve(t, answer), Request: "GET\n", Connections: 1, Depth: 1, Count: 10, Limit: time.Second})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	if _, err := Run(t.Context(), Load{Addr: "127.0.0.1:1", Request: "GET\n", Connections: 1, Depth: 1, Count: 1, Limit: time.Second}); err == nil {
		t.Error("nobody listens there")
	}
}
