package wire

import (
	"slices"
	"strings"
	"testing"
)

// lines splits text as a server does, and gives a line's words joined by |,
// or its fault.
func lines(text string, multiline bool) []string {
	s := Scanner{Multiline: multiline}
	var got []string
	data := []byte(text)
	for len(data) > 0 {
		n, r := s.Scan(data)
		data = data[n:]
		switch r {
		case Line:
			got = append(got, join(s.Words()))
		case Bad:
			got = append(got, "!"+s.Fault().String())
		case More:
		}
	}
	return got
}

func join(words [][]byte) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, "|")
}

// The cases are those that PROTOCOL items 12 to 22 were seen on NUT's upsd.
func TestScanner(t *testing.T) {
	long := strings.Repeat("v", 600)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"words", "GET VAR fake ups.status\n", []string{"GET|VAR|fake|ups.status"}},
		{"blanks", " \t\v\fVER \r\n", []string{"VER"}},
		{"empty", "\n", []string{""}},
		{"carriage return is a blank", "VER\rx\n", []string{"VER|x"}},
		{"comment in a word", "PASSWORD a#b\n", []string{"PASSWORD|a"}},
		{"escaped hash", "a\\#b\n", []string{"a#b"}},
		{"quoted", `"VER"` + "\n", []string{"VER"}},
		{"text behind a quote", `"VER"x` + "\n", []string{"VER|x"}},
		{"quote in a word", `VE"R"` + "\n", []string{`VE"R"`}},
		{"two quoted words", `"VE""R"` + "\n", []string{"VE|R"}},
		{"empty quoted word", `a ""` + "\n", []string{"a|"}},
		{"open quote", "VER \"\nVER\n", []string{"!a quote is not closed", "VER"}},
		{"hash in quotes", "\"a#b\" x\nVER\n", []string{`!a # inside quotes needs a backslash: \#`, "VER"}},
		{"backslash", "V\\ER\n", []string{"VER"}},
		{"backslash LF", "VE\\\nR\n", []string{"VER"}},
		{"backslash LF in quotes", "\"fa\\\nke\"\n", []string{"fake"}},
		{"backslash blank", "VER\\ \n", []string{"VER "}},
		{"escaped quotes", "\\\"VER\\\"\n", []string{`"VER"`}},
		{"equals", "a=b\n", []string{"a|=|b"}},
		{"quoted equals", "\"a=b\" a\\=b\n", []string{"a=b|a=b"}},
		{"NUL in a word", "VE\x00R\n", []string{"VER"}},
		{"NUL alone", "VER \x00\n", []string{"VER|"}},
		{"DEL is kept", "VER\x7f\n", []string{"VER\x7f"}},
		{"beyond ASCII", "V\xc3\xa4ER\n", []string{"VER"}},
		{"long word", long + " x\n", []string{long[:512] + "|x"}},
		{"many words", strings.Repeat("a ", 40) + "\n", []string{strings.Repeat("a|", 31) + "a"}},
		{"no LF", "VER", nil},
		{"lines", "A\nB c\n\nD\n", []string{"A", "B|c", "", "D"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lines(tt.text, false); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var split []string
			s := Scanner{}
			for _, c := range []byte(tt.text) {
				switch _, r := s.Scan([]byte{c}); r {
				case Line:
					split = append(split, join(s.Words()))
				case Bad:
					split = append(split, "!"+s.Fault().String())
				case More:
				}
			}
			if !slices.Equal(split, tt.want) {
				t.Errorf("byte by byte: got %q, want %q", split, tt.want)
			}
		})
	}
}

func TestMultiline(t *testing.T) {
	got := lines("VER \"\nVER\n\"\nVER\n", true)
	if want := []string{"VER|VER", "VER"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEnd(t *testing.T) {
	for text, want := range map[string]Result{"": More, "a": Line, "a\n": More, "a\\": Line, `"a`: Bad} {
		s := Scanner{Multiline: true}
		data := []byte(text)
		for len(data) > 0 {
			n, _ := s.Scan(data)
			data = data[n:]
		}
		if got := s.End(); got != want {
			t.Errorf("End after %q: got %d, want %d", text, got, want)
		}
	}
}

func TestSeparator(t *testing.T) {
	var s Scanner
	s.Scan([]byte("a = \"=\" \\=\n"))
	for n, want := range []bool{false, true, false, false, false} {
		if s.Separator(n) != want {
			t.Errorf("word %d: got %t", n, !want)
		}
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	var s Scanner
	line := []byte("SET VAR fake ups.id \"My \\\"UPS\\\"\"\n")
	s.Scan(line)
	s.Words()
	if n := testing.AllocsPerRun(100, func() { s.Scan(line); s.Words() }); n != 0 {
		t.Errorf("%v allocations a line", n)
	}
}

func BenchmarkScan(b *testing.B) {
	var s Scanner
	line := []byte("GET VAR fake ups.status\n")
	for b.Loop() {
		s.Scan(line)
		s.Words()
	}
}
