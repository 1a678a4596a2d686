package upsclient

import (
	"bufio"
	"net"
	"strings"
	"sync"
	"testing"
)

// server answers requests from a script, which tests change as they go. A
// request it has no answer to closes the connection.
type server struct {
	addr string

	mu      sync.Mutex
	answers map[string]string
	asked   []string
}

func serve(t *testing.T, answers map[string]string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String(), answers: answers}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.talk(conn) })
			t.Cleanup(func() { conn.Close() })
		}
	})
	t.Cleanup(func() { l.Close() })
	return s
}

func (s *server) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		answer, ok := s.answer(strings.TrimSpace(line))
		if !ok {
			return
		}
		if _, err := conn.Write([]byte(answer)); err != nil {
			return
		}
	}
}

func (s *server) answer(request string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, request)
	answer, ok := s.answers[request]
	return answer, ok
}

// say changes an answer.
func (s *server) say(request, answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[request] = answer
}

// questions returns what was asked since the last call.
func (s *server) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// list frames rows as a LIST answer.
func list(query string, rows ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN LIST " + query + "\n")
	for _, row := range rows {
		b.WriteString(row + "\n")
	}
	b.WriteString("END LIST " + query + "\n")
	return b.String()
}

// simple is a UPS with one variable of each kind and one command.
func simple() map[string]string {
	return map[string]string{
		"LIST VAR u": list("VAR u",
			`VAR u battery.charge "90"`, `VAR u driver.name "x"`, `VAR u input.sensitivity "low"`,
			`VAR u ups.delay.start "30"`, `VAR u ups.id "\"a\" \\ \#"`, `VAR u ups.status "FSD OL CHRG"`),
		"LIST CMD u":                     list("CMD u", "CMD u load.off", "CMD u driver.killpower"),
		"GET TYPE u battery.charge":      "TYPE u battery.charge NUMBER\n",
		"GET TYPE u input.sensitivity":   "TYPE u input.sensitivity RW ENUM STRING:6\n",
		"GET TYPE u ups.delay.start":     "TYPE u ups.delay.start RW RANGE NUMBER\n",
		"GET TYPE u ups.id":              "TYPE u ups.id RW STRING:16\n",
		"GET TYPE u ups.status":          "TYPE u ups.status STRING:64\n",
		"LIST ENUM u input.sensitivity":  list("ENUM u input.sensitivity", `ENUM u input.sensitivity "low"`, `ENUM u input.sensitivity "high"`),
		"LIST RANGE u ups.delay.start":   list("RANGE u ups.delay.start", `RANGE u ups.delay.start "0" "60"`, `RANGE u ups.delay.start "120.0" "180.9"`, `RANGE u ups.delay.start "9" "x"`),
		"USERNAME admin":                 "OK\n",
		"PASSWORD sekret":                "OK\n",
		"SET TRACKING ON":                "OK\n",
		`SET VAR u ups.id "b c"`:         "OK TRACKING t-1\n",
		"INSTCMD u load.off":             "OK\n",
		"INSTCMD u load.off 5":           "OK TRACKING t-2\n",
		"INSTCMD u no.such":              "ERR CMD-NOT-SUPPORTED\n",
		`SET VAR u ups.delay.start "90"`: "ERR INVALID-VALUE\n",
		`SET VAR u battery.charge "1"`:   "ERR READONLY\n",
		"GET TRACKING t-1":               "PENDING\n",
		"GET TRACKING t-2":               "ERR FAILED\n",
	}
}
