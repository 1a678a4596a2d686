package manual_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wattnut/wattnut/internal/manual"
	"github.com/wattnut/wattnut/internal/testenv"
)

// awkward has all that shells and roff could take for more than text.
func awkward() manual.Manual {
	return manual.Manual{
		About: ".TH is no macro here, nor 'is this\n\\fBno bold\\fR, `no` ~ ^",
		Forms: []string{"", "[-x] <ups>"},
		Options: []manual.Option{
			{"start", "begin"},
			{"<ups>", "it's a UPS: \"any\" $HOME `id`"},
			{"-4, -6", "one of two"},
			{"-x NAME=VALUE", "a setting"},
			{"--long DIR", "a folder"},
			{"--bare", "with [brackets]"},
		},
		Taken: "+Dz:", Notes: "closes\nit",
	}
}

func TestLetters(t *testing.T) {
	if got := awkward().Letters(); got != "+Dz:46x:" {
		t.Errorf("got %q", got)
	}
}

func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		form  string
		want  []string
		takes bool
	}{
		{"-4, -6", []string{"-4", "-6"}, false},
		{"-x NAME", []string{"-x"}, true},
		{"--dir DIR", []string{"--dir"}, true},
		{"-s <variable>[=<value>]", []string{"-s"}, true},
		{"start", nil, false},
		{"<ups>", nil, false},
		{"%TIME <format>%", nil, false},
	} {
		got, takes := manual.Option{tt.form}.Flags()
		if !slices.Equal(got, tt.want) || takes != tt.takes {
			t.Errorf("%s: %q, %t", tt.form, got, takes)
		}
	}
}

func TestShow(t *testing.T) {
	var b strings.Builder
	m := awkward()
	m.Options = m.Options[:1]
	m.Show(&b, "prog")
	want := "usage: prog\n       prog [-x] <ups>\n\n" + m.About + "\n\n  start  begin\n\ncloses\nit\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestRoff has mandoc read a page back: it finds nothing wrong, and all of the
// text, as it was.
func TestRoff(t *testing.T) {
	mandoc := testenv.Need(t, "mandoc")
	var page bytes.Buffer
	manual.Page{
		Name: "wattnut-prog", Section: 8, Brief: "does things", Version: "1.2", Called: "prog", Manual: awkward(),
		Further: []manual.Section{{Title: "a file, in \"quotes\"", Text: "before", Items: []manual.Option{{".dot", "'quote"}}}},
		SeeAlso: []string{"wattnut(1)"},
	}.Roff(&page)
	if said := pipe(t, page.Bytes(), mandoc, "-T", "lint", "-W", "warning"); strings.Count(said, "\n") != 1 || !strings.Contains(said, "missing date") {
		t.Errorf("mandoc finds\n%s", said)
	}
	text := strings.Join(strings.Fields(pipe(t, page.Bytes(), mandoc, "-T", "ascii")), " ")
	for strings.Contains(text, "\b") { // bold is a letter over itself
		i := strings.Index(text, "\b")
		text = text[:i-1] + text[i+1:]
	}
	for _, want := range append(strings.Fields(awkward().About), "wattnut-prog - does things", "prog [-x] <ups>", `it's a UPS: "any" $HOME `+"`id`",
		"-x NAME=VALUE a setting", ".dot 'quote", `A FILE, IN "QUOTES"`, "closes it", "wattnut 1.2") {
		if !strings.Contains(strings.ToUpper(text), strings.ToUpper(want)) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func pipe(t *testing.T, input []byte, words ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), words[0], words[1:]...)
	c.Stdin = bytes.NewReader(input)
	out, _ := c.CombinedOutput() // mandoc ends with a code where it finds anything
	return string(out)
}

func programs() []manual.Program {
	return []manual.Program{
		{Name: "inner", About: "it's: only behind wattnut", Manual: awkward()},
		{Name: "upsx", Alone: true, About: "also alone", Manual: manual.Manual{Options: []manual.Option{{"-q", "quiet"}, {"stop", "end"}}}},
	}
}

// TestComplete has each shell complete words.
func TestComplete(t *testing.T) {
	dir := t.TempDir()
	file := func(shell string) string {
		var b bytes.Buffer
		if !manual.Complete(&b, shell, programs()) {
			t.Fatalf("%s is not known", shell)
		}
		path := filepath.Join(dir, shell)
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bash := `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wattnut; printf '%s\n' "${COMPREPLY[@]}"`
	// zsh completes at its prompt only: what it would show is caught.
	zsh := `compdef() { :; }; _describe() { print -l -- "${(@P)2}"; }; _files() { :; }
		file=$1; shift; words=("$@"); CURRENT=$#; . $file`
	fish := `set file $argv[1]; source $file; complete -C (string join ' ' -- $argv[2..])`
	shells := map[string]func(words ...string) *exec.Cmd{
		"bash": func(words ...string) *exec.Cmd {
			return exec.CommandContext(t.Context(), testenv.Need(t, "bash"), append([]string{"-c", bash, "-", file("bash")}, words...)...)
		},
		"zsh": func(words ...string) *exec.Cmd {
			return exec.CommandContext(t.Context(), testenv.Need(t, "zsh"), append([]string{"-fc", zsh, "-", file("zsh")}, words...)...)
		},
		"fish": func(words ...string) *exec.Cmd {
			return exec.CommandContext(t.Context(), testenv.Need(t, "fish"), append([]string{"--no-config", "-c", fish, file("fish")}, words...)...)
		},
	}
	for _, shell := range manual.Shells() {
		t.Run(shell, func(t *testing.T) {
			for _, tt := range []struct {
				words []string
				want  []string
				not   string
			}{
				{[]string{"wattnut", ""}, []string{"inner", "upsx"}, "stop"},
				{[]string{"wattnut", "inner", "-"}, []string{"-4", "-6", "-x", "--long", "--bare"}, "-q"},
				{[]string{"wattnut", "upsx", ""}, []string{"stop"}, "start"},
				{[]string{"upsx", "-"}, []string{"-q"}, "-x"},
			} {
				c := shells[shell](tt.words...)
				c.Env = append(os.Environ(), "HOME="+dir)
				out, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("%q: %v: %s", tt.words, err, out)
				}
				var got []string
				for line := range strings.Lines(string(out)) {
					word, _, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
					word, _, _ = strings.Cut(word, ":")
					got = append(got, word)
				}
				for _, want := range tt.want {
					if !slices.Contains(got, want) {
						t.Errorf("%q: no %q in %q", tt.words, want, got)
					}
				}
				if slices.Contains(got, tt.not) {
					t.Errorf("%q: %q is offered", tt.words, tt.not)
				}
			}
		})
	}
	if manual.Complete(&bytes.Buffer{}, "csh", nil) {
		t.Error("csh is known")
	}
}

func TestLong(t *testing.T) {
	m := manual.Manual{Options: []manual.Option{{"-t, --timeout SECONDS", ""}, {"-q", ""}, {"--config-dir DIR", ""}, {"--all, -a", ""}, {"<ups>", ""}}}
	got := m.Long()
	if len(got) != 1 || got["timeout"] != 't' {
		t.Errorf("got %v", got)
	}
}
