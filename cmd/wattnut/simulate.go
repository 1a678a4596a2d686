package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/simulator"
	"github.com/wattnut/wattnut/drivers/simulator/drill"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/internal/manual"
)

func simulateManual() manual.Manual {
	m := manual.Manual{
		About: "Plays a UPS, by physics, in the protocol of a real one: for drills, and to try a configuration\nbefore the device is there. It takes orders from its standard input, a line each, and runs until it is\nended.",
		Forms: []string{"--protocol NAME [--at WHERE] [SETTING=VALUE …]"},
		Options: []manual.Option{
			{"--protocol NAME", "one of those below"},
			{"--at WHERE", "a serial port's path, to be made as a link; or a host and a port of the network"},
			{"SETTING=VALUE", "settings of the driver \"simulator\": preset=rack load=40 battery.health=50"},
		},
	}
	var notes strings.Builder
	notes.WriteString("The protocols are:\n")
	for _, f := range faces() {
		fmt.Fprintf(&notes, "  %-14s %s\n", f.protocol, f.about)
	}
	notes.WriteString("\nThe orders are:\n" + drill.Help())
	m.Notes = strings.TrimSuffix(notes.String(), "\n")
	return m
}

// runSimulate plays a UPS until it is ended.
func runSimulate(ctx context.Context, c call) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	protocol := flags.String("protocol", "", "")
	at := flags.String("at", "", "")
	switch err := flags.Parse(c.args); {
	case errors.Is(err, flag.ErrHelp):
		c.help(simulateManual())
		return 0
	case err != nil:
		fmt.Fprintf(c.stderr, "%s: %v; \"wattnut help simulate\" tells the options\n", c.name, err)
		return 2
	}
	i := slices.IndexFunc(faces(), func(f face) bool { return f.protocol == *protocol })
	if i < 0 {
		fmt.Fprintf(c.stderr, "wattnut simulate: there is no protocol %q; \"wattnut help simulate\" lists them\n", *protocol)
		return 2
	}
	ups, config, err := simulated(flags.Args())
	if err != nil {
		fmt.Fprintf(c.stderr, "wattnut simulate: %v\n", err)
		return 2
	}
	return faces()[i].play(ctx, c, stage{ups: ups, config: config, at: *at})
}

// simulated is the UPS that words describe. Its time is the world's, and its
// mains is there until an order says otherwise.
func simulated(words []string) (*drill.UPS, simulator.Config, error) {
	settings := []drivers.Setting{{Name: "speed", Value: "1"}}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return nil, simulator.Config{}, fmt.Errorf("%q is no setting: write name=value", w)
		}
		settings = append(settings, drivers.Setting{Name: name, Value: value})
	}
	ups, config, err := simulator.Model(settings)
	if err != nil {
		return nil, config, err
	}
	ups.Wire(model.Plugged)
	return drill.New(ups, config.Speed), config, nil
}

// play shows the UPS by the face, and lets it obey what is typed. Where the input
// ends the UPS stays: that is how it is run in the background.
func (f face) play(ctx context.Context, c call, s stage) int {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	where, serve, err := f.open(s)
	if err != nil {
		fmt.Fprintf(c.stderr, "wattnut simulate: %v\n", err)
		return 1
	}
	fmt.Fprintf(c.stdout, "a UPS that speaks %s is at %s\n", f.protocol, where)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx) }()
	go obey(c, s.ups)
	select {
	case <-ctx.Done():
		leave()
		err = <-ended
	case err = <-ended:
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(c.stderr, "wattnut simulate: %v\n", err)
		return 1
	}
	return 0
}

// obey does what is typed. It ends with the input, or with the process.
func obey(c call, ups *drill.UPS) {
	lines := bufio.NewScanner(c.stdin)
	for lines.Scan() {
		switch line := strings.TrimSpace(lines.Text()); line {
		case "":
		case "help":
			fmt.Fprint(c.stdout, drill.Help())
		default:
			answer, err := ups.Order(line)
			if err != nil {
				answer = err.Error()
			}
			fmt.Fprintln(c.stdout, answer)
		}
	}
}
