package wire

import (
	"bytes"
	"testing"
)

// Whatever bytes come, a Scanner takes them all, keeps its limits, and finds
// the same words however the bytes are cut.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{
		"GET VAR fake ups.status\n", "SET VAR a b \"c \\\" \\\\ \\# d\"\n", "a=b # c\n", "\"\n\"#\n\\\n\x00\xff\n",
	} {
		f.Add([]byte(seed), uint8(3), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut uint8, multiline bool) {
		whole, pieces := Scanner{Multiline: multiline}, Scanner{Multiline: multiline}
		var a, b [][]string
		a = collect(t, &whole, data, len(data)+1)
		b = collect(t, &pieces, data, int(cut)+1)
		if len(a) != len(b) {
			t.Fatalf("%d lines whole, %d in pieces", len(a), len(b))
		}
		for i := range a {
			if len(a[i]) != len(b[i]) {
				t.Fatalf("line %d: %q whole, %q in pieces", i, a[i], b[i])
			}
			for j := range a[i] {
				if a[i][j] != b[i][j] {
					t.Fatalf("line %d: %q whole, %q in pieces", i, a[i], b[i])
				}
			}
		}
	})
}

func collect(t *testing.T, s *Scanner, data []byte, size int) [][]string {
	t.Helper()
	var got [][]string
	for len(data) > 0 {
		piece := data[:min(size, len(data))]
		n, r := s.Scan(piece)
		if n == 0 || r == More && n != len(piece) {
			t.Fatalf("Scan took %d of %d bytes, result %d", n, len(piece), r)
		}
		data = data[n:]
		if r == More {
			continue
		}
		words := s.Words()
		if len(words) > MaxWords {
			t.Fatalf("%d words", len(words))
		}
		line := []string{}
		for _, w := range words {
			if !Clean(w) {
				t.Fatalf("unclean word %q", w)
			}
			line = append(line, string(w))
		}
		if r == Bad && s.Fault() == NoFault {
			t.Fatal("Bad without a fault")
		}
		got = append(got, line)
	}
	return got
}

// What is written is read back as it was, if it was clean.
func FuzzAppend(f *testing.F) {
	f.Add([]byte(`a "b" \c #d =`))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, value []byte) {
		line := append(AppendWord(append(AppendQuoted(nil, value), ' '), value), '\n')
		var s Scanner
		n, r := s.Scan(line)
		if n != len(line) || r != Line {
			t.Fatalf("%q: took %d, result %d", line, n, r)
		}
		words := s.Words()
		if len(words) != 2 {
			t.Fatalf("%q: %d words", line, len(words))
		}
		if Clean(value) && (!bytes.Equal(words[0], value) || !bytes.Equal(words[1], value)) {
			t.Fatalf("%q came back as %q", value, words)
		}
	})
}
