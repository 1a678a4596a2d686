package main

import (
	"context"
	"strings"

	"github.com/wattnut/wattnut/internal/manual"
)

func completionManual() manual.Manual {
	m := manual.Manual{
		About: "Writes what a shell needs to complete the words of wattnut, and of NUT's programs:\nsource <(wattnut completion bash)",
		Forms: []string{strings.Join(manual.Shells(), " | ")},
	}
	for _, shell := range manual.Shells() {
		m.Options = append(m.Options, manual.Option{shell, "write for " + shell})
	}
	return m
}

// runCompletion writes completions.
func runCompletion(_ context.Context, c call) int {
	if asksHelp(c.args) {
		c.help(completionManual())
		return 0
	}
	var all []manual.Program
	for _, p := range programs() {
		all = append(all, manual.Program{Name: p.name, Alone: !own[p.name], About: p.about, Manual: p.manual()})
	}
	if len(c.args) != 1 || !manual.Complete(c.stdout, c.args[0], all) {
		return c.mistaken(completionManual())
	}
	return 0
}
