package vm

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"
)

func TestArchive(t *testing.T) {
	var out bytes.Buffer
	a := archive{w: &out}
	for _, e := range []struct {
		name    string
		mode    uint32
		content string
	}{
		{"etc", typeDir | 0o755, ""},
		{"etc/a", typeFile | 0o644, "hello"},
		{"etc/link", typeLink | 0o777, "aa"},
	} {
		if err := a.add(e.name, e.mode, int64(len(e.content)), strings.NewReader(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	const zero = "00000000"
	want := "070701" + "00000001" + "000041ED" + zero + zero + "00000001" + zero + zero + zero + zero + zero + zero + "00000004" + zero + "etc\x00\x00\x00" +
		"070701" + "00000002" + "000081A4" + zero + zero + "00000001" + zero + "00000005" + zero + zero + zero + zero + "00000006" + zero + "etc/a\x00" + "hello\x00\x00\x00" +
		"070701" + "00000003" + "0000A1FF" + zero + zero + "00000001" + zero + "00000002" + zero + zero + zero + zero + "00000009" + zero + "etc/link\x00\x00" + "aa\x00\x00" +
		"070701" + zero + zero + zero + zero + "00000001" + zero + zero + zero + zero + zero + zero + "0000000B" + zero + "TRAILER!!!\x00\x00\x00\x00"
	if got := out.String(); got != want {
		t.Errorf("archive:\n%q\nnot\n%q", got, want)
	}
}

func TestArchiveMistakes(t *testing.T) {
	for _, tt := range []struct {
		name string
		size int64
		want string
	}{
		{"", 0, "no such name"},
		{"/etc", 0, "no such name"},
		{"a\x00b", 0, "no such name"},
		{"big", math.MaxUint32 + 1, "too many"},
		{"short", 3, "EOF"},
	} {
		a := archive{w: io.Discard}
		if err := a.add(tt.name, typeFile, tt.size, strings.NewReader("12")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, not %s", tt.name, err, tt.want)
		}
	}
}

// Each entry begins at a multiple of four, or the kernel would stop reading.
func TestPadding(t *testing.T) {
	for n := range int64(9) {
		if got := n + int64(len(padding(n))); got%4 != 0 || got-n > 3 {
			t.Errorf("%d bytes are padded to %d", n, got)
		}
	}
}
