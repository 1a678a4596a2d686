package conf

import (
	"slices"
	"strings"
)

// kind checks one argument. complaint says what is wrong, "" for nothing;
// usable tells that NUT, and we, can use it nevertheless.
type kind func(arg string) (complaint string, usable bool)

func anything(string) (string, bool) { return "", true }

func number(arg string) (string, bool)  { return numeric(Number(arg)) }
func integer(arg string) (string, bool) { return numeric(Integer(arg)) }

func numeric(_ int, rest string, ok bool) (string, bool) {
	switch {
	case !ok:
		return "is not a whole number", false
	case rest != "":
		return "is more than a number: what is behind the digits is ignored", true
	}
	return "", true
}

func seconds(arg string) (string, bool) {
	_, rest, ok := Seconds(arg)
	switch {
	case !ok:
		return "is not a number of seconds", false
	case rest != "":
		return "is more than a number: it is read as seconds, and what is behind the digits is ignored", true
	}
	return "", true
}

func period(arg string) (string, bool) {
	if d, _, ok := Seconds(arg); ok && d == 0 {
		return "is no period: it has to be more than 0 seconds", false
	}
	return seconds(arg)
}

func boolean(arg string) (string, bool) {
	if _, ok := Bool(arg); !ok {
		return "is neither yes nor no", false
	}
	return "", true
}

// oneOf is one of the words, in any case.
func oneOf(words ...string) kind {
	return func(arg string) (string, bool) {
		for _, w := range words {
			if strings.EqualFold(w, arg) {
				return "", true
			}
		}
		return "is none of " + strings.Join(words, ", "), false
	}
}

// hinted is oneOf, but NUT takes other words too and does nothing with them.
func hinted(words ...string) kind {
	check := oneOf(words...)
	return func(arg string) (string, bool) {
		complaint, _ := check(arg)
		return complaint, true
	}
}

// either is one of the words, or what k takes.
func either(k kind, words ...string) kind {
	return func(arg string) (string, bool) {
		if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, arg) }) {
			return "", true
		}
		return k(arg)
	}
}

// flags are words joined by +, or one of them that stands alone.
func flags(words ...string) kind {
	one := oneOf(words...)
	return func(arg string) (string, bool) {
		for flag := range strings.SplitSeq(arg, "+") {
			if complaint, ok := one(flag); !ok {
				return complaint + ", joined by +", false
			}
		}
		return "", true
	}
}
