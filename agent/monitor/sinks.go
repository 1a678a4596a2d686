package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// writeLine tells the system's log.
func (n *Notices) writeLine(a Notify) error {
	if n.options.Syslog == nil {
		n.options.Log.Warn("notice", "type", a.Type.String(), "ups", a.UPS, "message", a.Message)
		return nil
	}
	if _, err := io.WriteString(n.options.Syslog, a.Message+"\n"); err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	return nil
}

// tellAll tells everybody who has a terminal.
func (n *Notices) tellAll(a Notify) error {
	ctx, cancel := context.WithTimeout(context.Background(), wallLimit)
	defer cancel()
	c := exec.CommandContext(ctx, n.options.Wall[0], n.options.Wall[1:]...)
	c.Stdin = strings.NewReader(a.Message + "\n")
	c.WaitDelay = wallLimit // if what it started keeps its input
	ownGroup(c)
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s: %w", n.options.Wall[0], err)
	}
	return nil
}

// execute runs NOTIFYCMD until it ends. The program gets the message as one
// argument, and what it is about in UPSNAME and NOTIFYTYPE.
func (n *Notices) execute(program []string, a Notify, begun func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), n.options.Limit)
	defer cancel()
	c := exec.CommandContext(ctx, program[0], append(slices.Clone(program[1:]), a.Message)...)
	c.Env = append(slices.DeleteFunc(os.Environ(), isOurs), "UPSNAME="+a.UPS, "NOTIFYTYPE="+a.Type.String())
	if n.options.Output != nil { // a nil *os.File is not a nil io.Writer
		c.Stdout, c.Stderr = n.options.Output, n.options.Output
	}
	ownGroup(c)
	err := c.Start()
	begun()
	if err == nil {
		err = c.Wait()
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("NOTIFYCMD %s: killed after %v", program[0], n.options.Limit)
	case err != nil:
		return fmt.Errorf("NOTIFYCMD %s: %w", program[0], err)
	}
	return nil
}

// isOurs tells whether a variable is one that NOTIFYCMD gets.
func isOurs(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return name == "UPSNAME" || name == "NOTIFYTYPE"
}
