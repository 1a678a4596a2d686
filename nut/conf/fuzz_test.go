package conf

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Whatever a file holds, it is read, and what is written of it says the same.
func FuzzParse(f *testing.F) {
	for i, text := range []string{
		"maxretry = 3\n[a]\n driver = x\n port=\"y \\\"\\#\"\nnolock\n[a]\n[\"c d\"]\n\"[e f]\"\n x=\"\n",
		"[u]\npassword = \"a=b\\\\\"\nactions = SET FSD\nupsmon primary\n",
		"LISTEN * 3493 tls-required\nMAXAGE \"1\n5\"\nCERTIDENT \"a b\" c\n",
		"MONITOR a@b 1 u p primary\nNOTIFYFLAG ONLINE SYSLOG+EXEC\nCERTHOST a b 1 -1\n",
		"AT ONBATT * START-TIMER a 3\n",
		"MODE='none'\nUPSD_OPTIONS=\"a \\\"\"b\\ c # d\nNUT_A='x'\\''y'\n",
	} {
		f.Add([]byte(text), uint8(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		format := Formats()[int(which)%len(Formats())]
		first, err := Parse(format, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		check(t, first)
		written := first.Append(nil)
		second, err := Parse(format, bytes.NewReader(written))
		if err != nil {
			t.Fatal(err)
		}
		if !same(first, second) {
			t.Fatalf("%q\nwas written as\n%q\nwhich is\n%s\nnot\n%s", text, written, dump(second), dump(first))
		}
	})
}

func check(t *testing.T, f *File) {
	t.Helper()
	line := 0
	for _, p := range f.Problems {
		if p.Line < line || strings.ContainsAny(p.Error(), "\n\x00") {
			t.Fatalf("problem %q after line %d", p.Error(), line)
		}
		line = p.Line
	}
	for _, s := range f.Named() {
		if s.Line < 1 {
			t.Fatalf("[%s] is on line %d", s.Name, s.Line)
		}
	}
}

func same(a, b *File) bool {
	if len(a.Sections) != len(b.Sections) {
		return false
	}
	for i, s := range a.Sections {
		o := b.Sections[i]
		if s.Name != o.Name || !slices.EqualFunc(s.Directives, o.Directives, equal) {
			return false
		}
	}
	return true
}

func equal(a, b Directive) bool {
	return a.Name == b.Name && a.Set == b.Set && slices.Equal(a.Args, b.Args)
}

// What settings a variable of the environment gives, it gives as ups.conf would.
func FuzzParseSettings(f *testing.F) {
	f.Add("driver=dummy-ups port = \"x y\" nolock")
	f.Fuzz(func(t *testing.T, text string) {
		file := ParseSettings(UPSConf, "env", "a", text)
		check(t, file)
		if len(file.Sections) != 2 || len(file.Global().Directives) != 0 {
			t.Fatal(dump(file))
		}
	})
}
