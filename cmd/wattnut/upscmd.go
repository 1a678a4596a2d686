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

// upscmd gives instant commands, or lists them.
type upscmd struct {
	order

	list bool // -l
}

func runUpscmd(ctx context.Context, c call) int {
	u := upscmd{order: newOrder(c)}
	options := getopt.New(c.name, c.args, upscmdManual().Letters())
	for opt, arg := range options.All() {
		switch opt {
		case 'l':
			u.list = true
		case 'V':
			banner(c.stdout, c.name)
			return 0
		case 'h':
			c.help(upscmdManual())
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
		c.help(upscmdManual())
		return 0
	}
	words := options.Rest()
	switch {
	case u.list && len(words) > 0:
		return u.show(ctx, words[0])
	case u.list, len(words) < 2:
		c.help(upscmdManual())
		return 0
	}
	return u.run(ctx, words[0], nut.Name(words[1]), words[2:])
}

// run gives the command, with the first of the parameters if there are any.
func (u *upscmd) run(ctx context.Context, ups string, command nut.Name, parameters []string) int {
	target, err := u.target(ups)
	if err != nil {
		return u.fail(err)
	}
	if !strings.Contains(string(command), ".") {
		return u.fail(errOldCommand)
	}
	c, err := u.dial(ctx, target.Address())
	if err != nil {
		return u.fail(err)
	}
	defer c.Close() //nolint:errcheck // nothing is lost
	user, password, err := newPrompter(u.call).complete(ctx, u.given)
	if err != nil {
		fmt.Fprintln(u.stderr, err)
		return 1
	}
	parameters = parameters[:min(len(parameters), 1)]
	return u.give(ctx, c, user, password, client.InstCmd(target.UPS, command, parameters...))
}

// show lists the commands of a UPS with what they do.
func (u *upscmd) show(ctx context.Context, ups string) int {
	target, err := u.target(ups)
	if err != nil {
		return u.fail(err)
	}
	c, err := u.dial(ctx, target.Address())
	if err != nil {
		return u.fail(err)
	}
	commands, err := c.ListCmd(ctx, target.UPS)
	if err != nil {
		lastly(ctx, c)
		return u.fail(err)
	}
	descriptions := make([]client.Request, len(commands))
	calls := make([]*client.Call[string], len(commands))
	for i, name := range commands {
		calls[i] = client.GetCmdDesc(target.UPS, name)
		descriptions[i] = calls[i]
	}
	lastly(ctx, c, descriptions...)
	fmt.Fprintf(u.stdout, "Instant commands supported on UPS [%s]:\n\n", target.UPS)
	for i, name := range commands {
		text, err := calls[i].Result()
		if err != nil {
			return u.fail(err)
		}
		fmt.Fprintf(u.stdout, "%s - %s\n", name, text)
	}
	return 0
}

func upscmdManual() manual.Manual {
	return manual.Manual{About: "Orders a UPS to do something at once.", Taken: "DA:", Forms: []string{
		"[-h]",
		"[-l <ups>]",
		"[-u <username>] [-p <password>] [-w] [-t <timeout>] <ups> <command> [<value>]",
	}, Options: append([]manual.Option{
		{"<ups>", "a UPS as <upsname>[@<hostname>[:<port>]]"},
		{"<command>", "an instant command, such as test.battery.start"},
		{"<value>", "what the command needs to know, such as a number of seconds"},
		{"-l", "list the commands that the UPS takes"},
	}, orderOptions()...)}
}
