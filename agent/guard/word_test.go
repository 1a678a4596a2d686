//go:build unix

package guard

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

// words are all that mean something.
var words = []word{wordAlive, wordLow, wordFine, wordShutdown}

// TestWordsAreNoText keeps text from ending a host.
func TestWordsAreNoText(t *testing.T) {
	var text []byte
	for r := range rune(utf8.MaxRune + 1) {
		text = utf8.AppendRune(text, r)
	}
	for _, w := range words {
		if bytes.IndexByte(text, byte(w)) >= 0 {
			t.Errorf("%#x is in text", byte(w))
		}
	}
}

// FuzzWords holds what is remembered of a stream against the stream.
func FuzzWords(f *testing.F) {
	f.Add([]byte{0xf9, 0xfa, 0xfd})
	f.Add([]byte("shutdown now"))
	f.Add([]byte{0xfa, 0xfb, 0, 1, 0xff})
	f.Fuzz(func(t *testing.T, stream []byte) {
		heard, quit := make(chan word), make(chan struct{})
		go listen(bytes.NewReader(stream), heard, quit)
		var m memory
		n := 0
		for w := range heard {
			m.hear(w)
			n++
		}
		strange := len(stream)
		for _, w := range words {
			strange -= bytes.Count(stream, []byte{byte(w)})
		}
		want := memory{
			alive:    bytes.IndexByte(stream, byte(wordAlive)) >= 0,
			low:      bytes.LastIndexByte(stream, byte(wordLow)) > bytes.LastIndexByte(stream, byte(wordFine)),
			shutdown: bytes.IndexByte(stream, byte(wordShutdown)) >= 0,
			strange:  strange,
		}
		if m != want || n != len(stream) {
			t.Errorf("%x: remembered %+v of %d words, want %+v", stream, m, n, want)
		}
		low, shutdown := m.low, m.shutdown
		if m.reborn(); m != (memory{low: low, shutdown: shutdown}) {
			t.Errorf("reborn as %+v", m)
		}
	})
}

// TestListenQuits ends a listener whom nobody hears.
func TestListenQuits(t *testing.T) {
	heard, quit := make(chan word), make(chan struct{})
	close(quit)
	listen(bytes.NewReader(make([]byte, 5)), heard, quit)
}
