package manual

import (
	"fmt"
	"io"
	"strings"
)

// Program is a program that shells can complete the options of.
type Program struct {
	Name  string // the word behind wattnut
	Alone bool   // whether it is called by its own name, too
	About string
	Manual
}

// Shells are those that [Complete] writes for.
func Shells() []string { return []string{"bash", "fish", "zsh"} }

// Complete writes what a shell needs to complete the words of the programs. It
// returns whether it knows the shell.
func Complete(w io.Writer, shell string, programs []Program) bool {
	switch shell {
	case "bash":
		bash(w, programs)
	case "fish":
		fish(w, programs)
	case "zsh":
		zsh(w, programs)
	default:
		return false
	}
	return true
}

// words are what can be typed behind a program: its options, and its words that
// stand for themselves.
func (m Manual) words() []string {
	var all []string
	for _, o := range m.Options {
		if names, _ := o.Flags(); names != nil {
			all = append(all, names...)
		} else if literal(o[0]) {
			all = append(all, o[0])
		}
	}
	return all
}

func literal(word string) bool { return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") == "" }

// names are those of all programs, or of those that are called by their own.
func names(programs []Program, alone bool) string {
	var all []string
	for _, p := range programs {
		if p.Alone || !alone {
			all = append(all, p.Name)
		}
	}
	return strings.Join(all, " ")
}

func bash(w io.Writer, programs []Program) {
	fmt.Fprint(w, `# bash completion for wattnut                            -*- shell-script -*-
# Made by "wattnut completion bash".

_wattnut() {
	local cur=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]##*/} words=
	if [[ $program == wattnut ]]; then
		if ((COMP_CWORD == 1)); then
`)
	fmt.Fprintf(w, "\t\t\tCOMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n\t\t\treturn\n", names(programs, false))
	fmt.Fprint(w, "\t\tfi\n\t\tprogram=${COMP_WORDS[1]}\n\tfi\n\tcase $program in\n")
	for _, p := range programs {
		fmt.Fprintf(w, "\t%s) words='%s' ;;\n", p.Name, strings.Join(p.words(), " "))
	}
	fmt.Fprintf(w, "\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n\ncomplete -o default -F _wattnut wattnut %s\n", names(programs, true))
}

func fish(w io.Writer, programs []Program) {
	fmt.Fprint(w, "# fish completion for wattnut, made by \"wattnut completion fish\".\n\n")
	for _, p := range programs {
		fmt.Fprintf(w, "complete -c wattnut -n __fish_use_subcommand -f -a %s -d %s\n", p.Name, single(p.About))
		for _, o := range p.Options {
			options := fishOption(o)
			if options == "" {
				continue
			}
			fmt.Fprintf(w, "complete -c wattnut -n '__fish_seen_subcommand_from %s'%s -d %s\n", p.Name, options, single(o[1]))
			if p.Alone {
				fmt.Fprintf(w, "complete -c %s%s -d %s\n", p.Name, options, single(o[1]))
			}
		}
	}
}

func fishOption(o Option) string {
	flags, takes := o.Flags()
	if flags == nil && literal(o[0]) {
		return " -f -a " + o[0]
	}
	var b strings.Builder
	for _, f := range flags {
		if long, ok := strings.CutPrefix(f, "--"); ok {
			b.WriteString(" -l " + long)
		} else {
			b.WriteString(" -s " + f[1:])
		}
	}
	if takes {
		b.WriteString(" -r")
	}
	return b.String()
}

func zsh(w io.Writer, programs []Program) {
	fmt.Fprintf(w, "#compdef wattnut %s\n# Made by \"wattnut completion zsh\".\n\n", names(programs, true))
	fmt.Fprint(w, `_wattnut() {
	local program=${words[1]:t}
	local -a programs what
	if [[ $program == wattnut ]]; then
		if ((CURRENT == 2)); then
			programs=(
`)
	for _, p := range programs {
		fmt.Fprintf(w, "\t\t\t\t%s\n", described(p.Name, p.About))
	}
	fmt.Fprint(w, "\t\t\t)\n\t\t\t_describe program programs\n\t\t\treturn\n\t\tfi\n\t\tprogram=${words[2]}\n\tfi\n\tcase $program in\n")
	for _, p := range programs {
		fmt.Fprintf(w, "\t%s) what=(\n", p.Name)
		for _, o := range p.Options {
			flags, _ := o.Flags()
			if flags == nil && literal(o[0]) {
				flags = []string{o[0]}
			}
			for _, f := range flags {
				fmt.Fprintf(w, "\t\t%s\n", described(f, o[1]))
			}
		}
		fmt.Fprint(w, "\t) ;;\n")
	}
	fmt.Fprint(w, "\tesac\n\t_describe word what\n\t_files\n}\n\n_wattnut \"$@\"\n")
}

func described(word, text string) string {
	return single(strings.ReplaceAll(word, ":", `\:`) + ":" + text)
}

// single is text in single quotes, as all three shells read them.
func single(text string) string { return `'` + strings.ReplaceAll(text, `'`, `'\''`) + `'` }
