package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/wattnut/wattnut/internal/getopt"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut"
	"github.com/wattnut/wattnut/nut/client"
)

// upsc shows what a server says.
type upsc struct {
	call

	remote
	list, described bool // -l, -L
	clients         bool // -c
	json            bool // -j
}

// fact is what upsc writes on a line: a name, or a name with a value.
type fact struct{ name, value string }

func runUpsc(ctx context.Context, c call) int {
	u := upsc{call: c}
	options := getopt.New(c.name, c.args, upscManual().Letters())
	for opt, arg := range options.All() {
		switch opt {
		case 'l':
			u.list = true
		case 'L':
			u.list, u.described = true, true
		case 'c':
			u.clients = true
		case 'j':
			u.json = true
		case 'W':
			u.timeout = arg
		case 'V':
			banner(c.stdout, c.name)
			return 0
		case 'h':
			c.help(upscManual())
			return 0
		}
	}
	if err := options.Err(); err != nil {
		fmt.Fprintln(c.stderr, err)
		c.help(upscManual())
		return 0
	}
	return u.run(ctx, options.Rest())
}

func (u *upsc) run(ctx context.Context, words []string) int {
	err := u.answer(ctx, words)
	if err == nil {
		return 0
	}
	text := libraryText(err)
	if u.json {
		fmt.Fprintf(u.stdout, "{\"error\": %s}\n", quoteJSON(text))
	}
	fmt.Fprintln(u.stderr, "Error: "+text)
	return 1
}

func (u *upsc) answer(ctx context.Context, words []string) error {
	first := ""
	if len(words) > 0 {
		first = words[0]
	}
	if u.list {
		return u.showUPSes(ctx, first)
	}
	target, err := client.ParseTarget(first)
	switch {
	case err != nil:
		return errUPS
	case u.clients:
		return u.showClients(ctx, target)
	case len(words) > 1:
		return u.showVariable(ctx, target, words[1])
	}
	return u.showVariables(ctx, target)
}

func (u *upsc) showUPSes(ctx context.Context, address string) error {
	list, err := askServer(ctx, u.remote, address, client.ListUPS())
	facts := make([]fact, len(list))
	for i, ups := range list {
		facts[i] = fact{ups.Name, ups.Description}
	}
	return u.show(facts, u.described, err)
}

func (u *upsc) showClients(ctx context.Context, target client.Target) error {
	list, err := askServer(ctx, u.remote, target.Address(), client.ListClient(target.UPS))
	facts := make([]fact, len(list))
	for i, address := range list {
		facts[i].name = address
	}
	return u.show(facts, false, err)
}

func (u *upsc) showVariables(ctx context.Context, target client.Target) error {
	list, err := askServer(ctx, u.remote, target.Address(), client.ListVar(target.UPS))
	facts := make([]fact, len(list))
	for i, v := range list {
		facts[i] = fact{string(v.Name), v.Value}
	}
	return u.show(facts, true, err)
}

func (u *upsc) showVariable(ctx context.Context, target client.Target, name string) error {
	if !strings.Contains(name, ".") {
		return errOldName
	}
	value, err := askServer(ctx, u.remote, target.Address(), client.GetVar(target.UPS, nut.Name(name)))
	if err != nil {
		return err
	}
	if u.json {
		value = quoteJSON(value)
	}
	fmt.Fprintln(u.stdout, value)
	return nil
}

// show writes facts, with their values if paired, unless there is an error
// instead of them.
func (u *upsc) show(facts []fact, paired bool, err error) error {
	if err != nil {
		return err
	}
	lines := make([]string, len(facts))
	for i, f := range facts {
		lines[i] = u.line(f, paired)
	}
	begin, end := "[", "]"
	if paired {
		begin, end = "{", "}"
	}
	switch {
	case u.json && len(lines) == 0:
		fmt.Fprintln(u.stdout, begin+end)
	case u.json:
		fmt.Fprintf(u.stdout, "%s\n%s\n%s\n", begin, strings.Join(lines, ",\n"), end)
	case len(lines) > 0:
		fmt.Fprintln(u.stdout, strings.Join(lines, "\n"))
	}
	return nil
}

func (u *upsc) line(f fact, paired bool) string {
	switch {
	case u.json && paired:
		return "  " + quoteJSON(f.name) + ": " + quoteJSON(f.value)
	case u.json:
		return "  " + quoteJSON(f.name)
	case paired:
		return f.name + ": " + f.value
	}
	return f.name
}

func upscManual() manual.Manual {
	return manual.Manual{About: "Shows what a UPS server says.", Taken: "DA:", Forms: []string{
		"[-j] -l | -L [<hostname>[:port]]",
		"[-j] <ups> [<variable>]",
		"[-j] -c <ups>",
	}, Options: []manual.Option{
		{"<ups>", "a UPS as <upsname>[@<hostname>[:<port>]], on localhost if no host is given"},
		{"<variable>", "show the value of this variable only"},
		{"-l", "the names of the server's UPSes, one a line"},
		{"-L", "the same with their descriptions"},
		{"-c", "the addresses of the clients that are logged in to the UPS"},
		{"-j", "write JSON"},
		{"-W <secs>", "the longest time to connect (" + defaultConnectTimeout + ")"},
		{"-V", "the version of this program"},
		{"-h", "this text"},
	}}
}

// quoteJSON writes a string as JSON, with no more escapes than it must have.
func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // no string fails
	}
	return strings.TrimSuffix(b.String(), "\n")
}
