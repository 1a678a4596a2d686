package vm

import (
	"bufio"
	"io"
	"slices"
	"strings"
	"sync"
)

// maxLines is how much of what a machine says is kept: what comes first.
const maxLines = 50_000

// console keeps what a machine says on its console, line by line.
type console struct {
	mu    sync.Mutex
	lines []string
	seen  int           // lines before the one that awaited looks at next
	more  chan struct{} // closed when there is a new line, and made anew
}

func newConsole() *console { return &console{more: make(chan struct{})} }

// read keeps all that comes until the end. A line that is longer than a page is
// kept as several.
func (c *console) read(r io.Reader) {
	for lines := bufio.NewReader(r); ; {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		c.add(strings.TrimRight(string(line), "\r"))
	}
}

func (c *console) add(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lines) == maxLines {
		return
	}
	c.lines = append(c.lines, line)
	close(c.more)
	c.more = make(chan struct{})
}

// awaited returns the first line with a text in it after the one that was
// returned before; if there is none yet, more is closed when there may be.
func (c *console) awaited(text string) (line string, ok bool, more <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, line := range c.lines[c.seen:] {
		if strings.Contains(line, text) {
			c.seen += i + 1
			return line, true, nil
		}
	}
	return "", false, c.more
}

// all returns all lines so far.
func (c *console) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.lines)
}
