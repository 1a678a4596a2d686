package nut

import (
	"fmt"
	"slices"
	"strings"
)

// branch is a place in the tree of names: one level for each dot.
type branch struct {
	entry *Entry // of the name that ends here; nil if none does
	words []twig // sorted
	holes []gap
	rest  *Entry // of all names that go on from here in whatever way
}

type twig struct {
	word string
	branch
}

type gap struct {
	hole
	branch
}

// hole is a place of a template that stands for many words: "{outlet}" for a
// number, "{phase}" for L1 or L1-N, "cell{cell}" for a number behind a word,
// "{flag*}" for all that follows.
type hole struct {
	prefix, key string
	rest        bool
}

// parseHole reads one word of a template and tells whether it is a hole.
func parseHole(word string) (hole, bool) {
	prefix, key, ok := strings.Cut(word, "{")
	if !ok {
		return hole{}, false
	}
	key, rest := strings.CutSuffix(strings.TrimSuffix(key, "}"), "*")
	return hole{prefix, key, rest}, true
}

func (h hole) matches(word string) bool {
	if len(word) < len(h.prefix) || !Name(word[:len(h.prefix)]).Equal(Name(h.prefix)) {
		return false
	}
	word = word[len(h.prefix):]
	if h.key == "phase" {
		return isPhase(word)
	}
	return isNumber(word)
}

// put hangs e into the tree under its template.
func (b *branch) put(e *Entry) error {
	for word := range strings.SplitSeq(string(e.Name), ".") {
		h, isHole := parseHole(word)
		switch {
		case isHole && h.rest:
			if b.rest != nil {
				return fmt.Errorf("%s and %s are the same", e.Name, b.rest.Name)
			}
			b.rest = e
			return nil
		case isHole:
			b = b.gap(h)
		default:
			b = b.twig(word)
		}
	}
	if b.entry != nil {
		return fmt.Errorf("%s and %s are the same", e.Name, b.entry.Name)
	}
	b.entry = e
	return nil
}

func (b *branch) gap(h hole) *branch {
	i := slices.IndexFunc(b.holes, func(g gap) bool { return g.hole == h })
	if i < 0 {
		i = len(b.holes)
		b.holes = append(b.holes, gap{hole: h})
	}
	return &b.holes[i].branch
}

func (b *branch) twig(word string) *branch {
	i, ok := b.search(word)
	if !ok {
		b.words = slices.Insert(b.words, i, twig{word: word})
	}
	return &b.words[i].branch
}

func (b *branch) search(word string) (int, bool) {
	return slices.BinarySearchFunc(b.words, word, func(t twig, word string) int {
		return Name(t.word).Compare(Name(word))
	})
}

// find returns the entry of that name or nil. Names nest no deeper than the
// table does, whatever is asked for.
func (b *branch) find(name string) *Entry {
	word, tail, more := strings.Cut(name, ".")
	if i, ok := b.search(word); ok {
		if e := b.words[i].descend(tail, more); e != nil {
			return e
		}
	}
	for i := range b.holes {
		if b.holes[i].matches(word) {
			if e := b.holes[i].descend(tail, more); e != nil {
				return e
			}
		}
	}
	if b.rest != nil && word != "" {
		return b.rest
	}
	return nil
}

func (b *branch) descend(tail string, more bool) *Entry {
	if more {
		return b.find(tail)
	}
	return b.entry
}

// isNumber tells whether s is a short row of digits.
func isNumber(s string) bool {
	if len(s) == 0 || len(s) > 9 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isPhase tells whether s names lines as NUT does: L1, N, L1-N, L1-L2.
func isPhase(s string) bool {
	from, to, two := strings.Cut(s, "-")
	return isLine(from) && (!two || isLine(to))
}

func isLine(s string) bool {
	switch {
	case len(s) == 1:
		return lower(s[0]) == 'n'
	case len(s) == 2:
		return lower(s[0]) == 'l' && '1' <= s[1] && s[1] <= '3'
	}
	return false
}
