package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// upsrw sets variables, or lists those that can be set.
type upsrw struct {
	order

	set string // what stands behind -s
}

func runUpsrw(ctx context.Context, c call) int {
	u := upsrw{order: newOrder(c)}
	options := getopt.New(c.name, c.args, upsrwManual().Letters())
	for opt, arg := range options.All() {
		switch opt {
		case 'l':
			u.set = ""
		case 's':
			u.set = arg
		case 'V':
			banner(c.stdout, c.name)
			return 0
		case 'h':
			c.help(upsrwManual())
			return 0
		default:
			if err := u.option(opt, arg); err != nil {
				fmt.Fprintln(c.stderr, err)
				return 1
			}
		}
	}
	if err := options.Err(); err != nil {
		fmt.Fprintln(c.stderr, err)
		c.help(upsrwManual())
		return 0
	}
	words := options.Rest()
	switch {
	case len(words) < 1:
		c.help(upsrwManual())
		return 0
	case u.set == "":
		return u.show(ctx, words[0])
	}
	return u.run(ctx, words[0])
}

// run sets a variable.
func (u *upsrw) run(ctx context.Context, ups string) int {
	target, err := u.target(ups)
	if err != nil {
		return u.fail(err)
	}
	name, value, given := strings.Cut(u.set, "=")
	if !strings.Contains(name, ".") {
		return u.fail(errOldVariable)
	}
	c, err := u.dial(ctx, target.Address())
	if err != nil {
		return u.fail(err)
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	asker := newPrompter(u.call)
	user, password, err := asker.complete(ctx, u.given)
	if err == nil && !given {
		fmt.Fprintf(u.stdout, "Enter new value for %s: ", name)
		value, err = asker.line(ctx)
	}
	if err != nil {
		fmt.Fprintln(u.stderr, err)
		return 1
	}
	return u.give(ctx, c, user, password, client.Set(target.UPS, nut.Name(name), value))
}

func upsrwManual() manual.Manual {
	return manual.Manual{About: "Sets variables of a UPS, and shows which can be set.", Taken: "DA:", Forms: []string{
		"[-h]",
		"[-s <variable>] [-u <username>] [-p <password>] [-w] [-t <timeout>] <ups>",
	}, Options: append([]manual.Option{
		{"<ups>", "a UPS as <upsname>[@<hostname>[:<port>]]"},
		{"-s <variable>[=<value>]", "set the variable; the value is asked for if it is missing"},
		{"-l", "show the variables that can be set, as without -s"},
	}, orderOptions()...)}
}
