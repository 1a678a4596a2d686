package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/wattnut/wattnut/nut/conf"
)

// Problems are what is wrong, together as an error. It never shows a password.
type Problems []conf.Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Report is all that is wrong with a configuration.
type Report struct{ Problems Problems }

// Err returns those problems that are as bad as least, or worse: nil if there
// are none. conf.Warning gives all, conf.Error what "wattnut check" and upsd
// refuse, and conf.Fatal what nothing can be started with.
func (r *Report) Err(least conf.Severity) error {
	bad := slices.DeleteFunc(slices.Clone(r.Problems), func(p conf.Problem) bool { return p.Severity < least })
	if len(bad) == 0 {
		return nil
	}
	return bad
}

// Add adds the problems that err holds, if it is [Problems], or err as one
// fatal problem of file, each at its place among the others.
func (r *Report) Add(file string, err error) {
	if ps, ok := errors.AsType[Problems](err); ok {
		r.Problems = append(r.Problems, ps...)
	} else {
		r.add(conf.Problem{File: file, Severity: conf.Fatal, Text: err.Error()})
	}
	r.sort()
}

// sort puts the problems of a file together, in the order of its lines.
func (r *Report) sort() {
	first := make(map[string]int)
	for i, p := range r.Problems {
		if _, ok := first[p.File]; !ok {
			first[p.File] = i
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b conf.Problem) int {
		return cmp.Or(cmp.Compare(first[a.File], first[b.File]), cmp.Compare(a.Line, b.Line))
	})
}

func (r *Report) add(p conf.Problem) { r.Problems = append(r.Problems, p) }
