//go:build linux

package vm

// Await waits for a line on the console that has the text in it, and returns the
// line. It looks at what comes after the line that the last Await has returned,
// so that several tell an order. The test ends if the machine ends without.
func (m *Machine) Await(text string) string {
	m.tb.Helper()
	for {
		line, ok, more := m.console.awaited(text)
		if ok {
			return line
		}
		select {
		case <-more:
			continue
		case <-m.done:
		}
		if line, ok, _ = m.console.awaited(text); !ok {
			m.tb.Fatalf("console: no %q, and the machine %v", text, m.end)
		}
		return line
	}
}

// Console returns the lines that were on the console so far.
func (m *Machine) Console() []string { return m.console.all() }

// Run has the machine's shell run a command, as root, waits for it and returns
// what it said. The test ends if the command's exit code is not 0, or if the
// machine ends. A command that is to go on beside others ends with "&".
func (m *Machine) Run(command string) string {
	m.tb.Helper()
	said, code := m.Try(command)
	if code != 0 {
		m.tb.Fatalf("%s: exit code %d\n%s", command, code, said)
	}
	return said
}

// Try is Run for a command that may fail: it returns the exit code.
func (m *Machine) Try(command string) (said string, code int) {
	m.tb.Helper()
	said, code, err := m.run(command)
	if err != nil {
		m.tb.Fatalf("%s: %v; the machine %v", command, err, m.Wait())
	}
	return said, code
}

// Tell is Run for a command that the machine may end by.
func (m *Machine) Tell(command string) {
	m.tb.Helper()
	if said, code, err := m.run(command); err == nil && code != 0 {
		m.tb.Fatalf("%s: exit code %d\n%s", command, code, said)
	}
}

func (m *Machine) run(command string) (said string, code int, err error) {
	if !m.ready {
		if err := m.orders.ready(); err != nil {
			return "", 0, err
		}
		m.ready = true
	}
	return m.orders.run(command)
}

// Wait waits for the machine's end, and tells how it was.
func (m *Machine) Wait() End {
	<-m.done
	return m.end
}
