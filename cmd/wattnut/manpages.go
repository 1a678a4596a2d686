package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/nut/conf"
)

func manManual() manual.Manual {
	return manual.Manual{
		About: "Writes the manual page of a program, for man to read: wattnut man upsc | man -l -\nWithout PROGRAM it is that of wattnut, and config is that of the configuration.",
		Forms: []string{"[PROGRAM]", "--dir DIR"},
		Options: []manual.Option{
			{"--dir DIR", "write all pages into DIR/man1, DIR/man5 and DIR/man8"},
		},
	}
}

// runMan writes man pages.
func runMan(_ context.Context, c call) int {
	pages := manPages()
	switch {
	case asksHelp(c.args):
		c.help(manManual())
		return 0
	case len(c.args) == 2 && c.args[0] == "--dir":
		for _, p := range pages {
			if err := writePage(c.args[1], p); err != nil {
				return fail(c, err)
			}
		}
		return 0
	case len(c.args) > 1:
		return c.mistaken(manManual())
	}
	name := "wattnut"
	if len(c.args) == 1 && c.args[0] != "wattnut" {
		name = "wattnut-" + c.args[0]
	}
	for _, p := range pages {
		if p.Name == name {
			p.Roff(c.stdout)
			return 0
		}
	}
	return fail(c, fmt.Errorf("there is no program %q; \"wattnut help\" lists them", c.args[0]))
}

func writePage(dir string, p manual.Page) error {
	dir = filepath.Join(dir, fmt.Sprintf("man%d", p.Section))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var text bytes.Buffer
	p.Roff(&text)
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%d", p.Name, p.Section)), text.Bytes(), 0o644)
}

// manPages are the pages of all programs, of wattnut itself, and of the
// configuration.
func manPages() []manual.Page {
	overview := manual.Page{
		Name: "wattnut", Section: 1, Called: "wattnut",
		Brief: "drivers, server, clients and shutdown for uninterruptible power supplies",
		Manual: manual.Manual{
			Forms: []string{"PROGRAM [OPTIONS]", "help [PROGRAM]"},
			About: "Each program is a word behind wattnut, and also runs by a link of its name. The programs of NUT have NUT's options and output. Each has a page of its own: wattnut-upsc(8) is that of upsc.",
		},
		Further: []manual.Section{{Title: "PROGRAMS"}},
		SeeAlso: []string{"wattnut-config(5)"},
	}
	var pages []manual.Page
	for _, p := range programs() {
		overview.Further[0].Items = append(overview.Further[0].Items, manual.Option{p.name, p.about})
		page := manual.Page{
			Name: "wattnut-" + p.name, Section: 8, Brief: p.about, Called: called(p.name), Manual: p.manual(),
			SeeAlso: []string{"wattnut(1)", "wattnut-config(5)"},
		}
		if p.name == "agent" {
			page.Further = []manual.Section{environmentSection()}
		}
		pages = append(pages, page)
	}
	pages = append(pages, overview, configPage())
	for i := range pages {
		pages[i].Version = version
	}
	return pages
}

func configPage() manual.Page {
	page := manual.Page{
		Name: "wattnut-config", Section: 5, Brief: "the files and variables that configure wattnut",
		Manual:  manual.Manual{About: "The files are NUT's, and in the folder of --config-dir, else $NUT_CONFPATH, else /etc/wattnut, else /etc/nut. \"wattnut check\" tells what is wrong in them, with file and line."},
		SeeAlso: []string{"wattnut(1)", "wattnut-check(8)"},
	}
	for _, f := range conf.Formats() {
		for _, inside := range []bool{false, true} {
			section := manual.Section{Title: f.Name}
			if inside {
				section.Title += ", in a section"
			}
			for _, r := range f.Rows() {
				if r.Inside == inside {
					section.Items = append(section.Items, manual.Option{typed(f, r), r.About})
				}
			}
			if len(section.Items) > 0 {
				page.Further = append(page.Further, section)
			}
		}
	}
	page.Further = append(page.Further, environmentSection())
	return page
}

// typed is how a directive is written.
func typed(f *conf.Format, r conf.Row) string {
	switch {
	case r.Usage == "":
		return r.Name
	case f.Style == conf.Sections:
		return r.Name + " = " + r.Usage
	case f.Style == conf.Shell:
		return r.Name + "=" + r.Usage
	}
	return r.Name + " " + r.Usage
}

func environmentSection() manual.Section {
	section := manual.Section{Title: "ENVIRONMENT"}
	for _, v := range config.Variables() {
		name := v.Name
		if v.Default != "" {
			name += " (" + v.Default + ")"
		}
		section.Items = append(section.Items, manual.Option{name, v.About})
	}
	return section
}
