package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/drivers/all"
	"github.com/wattnut/wattnut/drivers/megatec/framing"
	"github.com/wattnut/wattnut/drivers/usbhid"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut/conf"
)

var update = flag.Bool("update", false, "write docs/configuration.md, docs/agent-metrics.md and docs/drivers anew")

const madeHere = "go test ./cmd/wattnut -run TestDocs -update"

// TestDocs keeps the pages that are made of the code.
func TestDocs(t *testing.T) {
	docs := filepath.Join(testenv.Root(t), "docs")
	pages := map[string]string{"configuration.md": configurationPage(), "agent-metrics.md": agentMetricsPage()}
	for _, d := range all.Drivers() {
		pages["drivers/"+d.Name+".md"] = driverPage(t, d)
	}
	pages["drivers/README.md"] = driversPage()
	for name, text := range pages {
		path := filepath.Join(docs, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("docs/%s is not what the code says (%v); %s writes it anew", name, err, madeHere)
		}
	}
	there, err := filepath.Glob(filepath.Join(docs, "drivers", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if pages["drivers/"+filepath.Base(path)] == "" {
			t.Errorf("%s is about a driver that there is not", path)
		}
	}
}

// cell is text inside a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}

// code is text inside a table as it is typed.
func code(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

func configurationPage() string {
	var b strings.Builder
	b.WriteString("# Configuration\n\nMade from the code; \"" + madeHere + "\" writes it anew.\n\n" +
		"The files are NUT's, and in one folder: that of `--config-dir`, else of `$NUT_CONFPATH`, else `/etc/wattnut` if it is there,\n" +
		"else `/etc/nut`. `wattnut check` reads them as the agent does, and tells what is wrong with file and line. What is marked as ours\n" +
		"NUT ignores. What a driver's section may say is on [the driver's page](drivers/README.md), and what of the rest an agent\n" +
		"heeds on that of [the settings that all drivers share](settings.md).\n")
	for _, f := range conf.Formats() {
		for _, inside := range []bool{false, true} {
			var rows []conf.Row
			for _, r := range f.Rows() {
				if r.Inside == inside {
					rows = append(rows, r)
				}
			}
			if len(rows) == 0 {
				continue
			}
			title := f.Name
			if inside {
				title += ", in a section"
			}
			fmt.Fprintf(&b, "\n## %s\n\n| | |\n|---|---|\n", title)
			for _, r := range rows {
				fmt.Fprintf(&b, "| %s | %s |\n", code(typed(f, r)), cell(r.About))
			}
		}
	}
	b.WriteString("\n## Environment\n\n| variable | without it | |\n|---|---|---|\n")
	for _, v := range config.Variables() {
		fallback := ""
		if v.Default != "" {
			fallback = code(v.Default)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", code(v.Name), fallback, cell(v.About))
	}
	b.WriteString("\nBeside these, `NUT_CONFPATH`, `NUT_STATEPATH`, `NUT_PIDPATH` and `NUT_ALTPIDPATH` name folders as they do for NUT, and\n" +
		"`OTEL_*` say where [metrics are sent](otlp.md).\n")
	return b.String()
}

func driversPage() string {
	var b strings.Builder
	b.WriteString("# Drivers\n\nMade from the code; \"" + madeHere + "\" writes it anew.\n\n" +
		"These are built in. Every other driver of NUT's works as well where NUT's packages are installed: `driver = NAME` in\n" +
		"`ups.conf`, and the agent starts it and watches it.\n\n| driver | |\n|---|---|\n")
	for _, d := range all.Drivers() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s |\n", d.Name, d.Name, cell(d.About))
	}
	return b.String()
}

func driverPage(t *testing.T, d drivers.Driver) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nMade from the code; \"%s\" writes it anew.\n\n", d.Name, madeHere)
	fmt.Fprintf(&b, "%s%s. Version %s.\n\n", strings.ToUpper(d.About[:1]), d.About[1:], d.Version)
	fmt.Fprintf(&b, "```\n[myups]\n    driver = %s\n    port = ...\n```\n\n", d.Name)
	b.WriteString("| setting | without it | |\n|---|---|---|\n")
	for _, o := range d.Options {
		name, fallback := code(o.Name), ""
		if o.Default != "" && !o.Flag {
			fallback = code(o.Default)
		}
		text := cell(o.Help)
		if o.Secret {
			text += " (never shown)"
		}
		if o.Flag {
			text += " (a flag, or yes or no)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, fallback, text)
	}
	b.WriteString(knownDevices(t, d.Name))
	b.WriteString("\n[What all drivers share](../settings.md), [all drivers](README.md).\n")
	return b.String()
}

// knownDevices lists what the tables of a driver have; "" for a driver without.
func knownDevices(t *testing.T, driver string) string {
	t.Helper()
	var rows []string
	head := "| USB id | table | models |\n|---|---|---|\n"
	switch driver {
	case "usbhid-ups":
		for id := range usbhid.IDs() {
			rows = append(rows, fmt.Sprintf("| `%04x:%04x` | %s | %s |\n", id.Vendor, id.Product, id.Table, cell(id.Models)))
		}
	case "nutdrv_qx":
		ids, err := framing.IDs()
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", id.ID, id.Framing, cell(strings.TrimSpace(id.Models+" "+id.Vendor+" "+id.Product))))
		}
	case "snmp-ups":
		head = "| MIB | sysObjectID |\n|---|---|\n"
		index, err := os.ReadFile(filepath.Join(testenv.Root(t), "drivers", "snmp", "tables", "index.tsv"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(index)) {
			if words := strings.Split(strings.TrimSpace(line), "\t"); len(words) > 2 && !strings.HasPrefix(line, "#") {
				rows = append(rows, fmt.Sprintf("| `%s` | %s |\n", words[1], words[2]))
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	slices.Sort(rows)
	return "\n## What its tables have\n\n" + head + strings.Join(slices.Compact(rows), "")
}

// TestManuals asks of each program a manual that says something, and that no
// option is told twice or clashes with another.
func TestManuals(t *testing.T) {
	for _, p := range programs() {
		m := p.manual()
		if m.About == "" || len(m.Forms) == 0 || p.about == "" {
			t.Errorf("%s: its manual says nothing", p.name)
		}
		seen := make(map[string]bool)
		for _, o := range m.Options {
			names, _ := o.Flags()
			if len(names) == 0 {
				names = []string{o[0]}
			}
			for _, name := range names {
				if seen[name] || o[1] == "" {
					t.Errorf("%s: %s is told twice, or not what it does", p.name, name)
				}
				seen[name] = true
			}
		}
		if r := runProgram(t, "", "wattnut", p.name, "--help"); r.code != 0 || !strings.Contains(r.stdout, m.About) {
			t.Errorf("%s --help: %+v", p.name, r)
		}
	}
}

// TestManualsOfOwn: the programs that do not read their words by getopt take what
// their manuals promise.
func TestManualsOfOwn(t *testing.T) {
	for _, words := range [][]string{
		{"agent", "-p", "--config-dir", "/nonexistent", "stop here"},
		{"agent", "-p", "stop here"},
	} {
		r := runProgram(t, "", append([]string{"wattnut"}, words...)...)
		if r.code != 2 || !strings.Contains(r.stderr, `unexpected word "stop here"`) {
			t.Errorf("%q: %+v", words, r)
		}
	}
}

// TestMan writes all pages, and one.
func TestMan(t *testing.T) {
	dir := t.TempDir()
	if r := runProgram(t, "", "wattnut", "man", "--dir", dir); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	for _, p := range programs() {
		text, err := os.ReadFile(filepath.Join(dir, "man8", "wattnut-"+p.name+".8"))
		r := runProgram(t, "", "wattnut", "man", p.name)
		if err != nil || r.code != 0 || r.stdout != string(text) {
			t.Errorf("%s: %v, %+v", p.name, err, r)
		}
		if !strings.Contains(strings.ReplaceAll(string(text), `\-`, "-"), `\fB`+called(p.name)+`\fR`) {
			t.Errorf("%s: its page does not say how to call it", p.name)
		}
	}
	for _, path := range []string{"man1/wattnut.1", "man5/wattnut-config.5"} {
		if _, err := os.Stat(filepath.Join(dir, path)); err != nil {
			t.Error(err)
		}
	}
	if r := runProgram(t, "", "wattnut", "man", "nothing"); r.code == 0 || !strings.Contains(r.stderr, "wattnut help") {
		t.Errorf("%+v", r)
	}
	if r := runProgram(t, "", "wattnut", "man", "a", "b"); r.code != 2 {
		t.Errorf("%+v", r)
	}
}

func TestCompletion(t *testing.T) {
	for shell, want := range map[string]string{"bash": "complete -o default", "fish": "complete -c upsc", "zsh": "#compdef wattnut"} {
		if r := runProgram(t, "", "wattnut", "completion", shell); r.code != 0 || !strings.Contains(r.stdout, want) {
			t.Errorf("%s: %+v", shell, r)
		}
	}
	if r := runProgram(t, "", "wattnut", "completion", "csh"); r.code != 2 {
		t.Errorf("%+v", r)
	}
}

// TestRows wants each directive explained.
func TestRows(t *testing.T) {
	for _, f := range conf.Formats() {
		for _, r := range f.Rows() {
			if r.About == "" {
				t.Errorf("%s: %s is not explained", f.Name, r.Name)
			}
		}
	}
}
