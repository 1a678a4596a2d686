package wire

import "cmp"

// Limits of NUT's lexer: what goes beyond is dropped without a word, as its
// peers expect.
const (
	MaxWords   = 32  // words in a line
	MaxWordLen = 512 // bytes in a word
)

// MaxLine is the longest line, with its LF, that NUT's own programs read whole.
// Nothing longer may be sent to them.
const MaxLine = 511

// Result is what a [Scanner] makes of the bytes it was given.
type Result uint8

const (
	More Result = iota // the line is not complete
	Line               // a line is complete: Words has its words, which may be none
	Bad                // a line is complete, and broken: see Fault
)

// Fault tells what is wrong with a Bad line.
type Fault uint8

const (
	NoFault      Fault = iota
	OpenQuote          // the line ends inside quotes
	HashInQuotes       // an unescaped # inside quotes
)

// String says what is wrong, for a person.
func (f Fault) String() string {
	switch f {
	case OpenQuote:
		return "a quote is not closed"
	case HashInQuotes:
		return `a # inside quotes needs a backslash: \#`
	case NoFault:
	}
	return "no fault"
}

// Scanner finds the lines and words in a stream of bytes. The zero Scanner is
// ready; it reuses its memory from line to line.
//
// A line ends at an LF that no backslash precedes. A line that ends inside
// quotes is Bad; NUT itself drops that LF and reads on, so that an unbalanced
// quote swallows what follows. A Scanner with Multiline set does as NUT does.
type Scanner struct {
	Multiline bool // quotes may hold an LF, which is dropped
	MaxWord   int  // the longest word in bytes; 0 stands for MaxWordLen

	state state
	fault Fault
	fresh bool   // the next byte begins a line
	buf   []byte // the bytes of all words
	ends  []int  // where each word of buf ends
	bare  uint32 // bit n: word n is a separator, a = that was neither quoted nor escaped
	words [][]byte
	size  int // bytes of the incomplete line
}

type state uint8

const (
	between      state = iota // between words
	word                      // in a bare word
	wordEscape                // behind a backslash there
	quoted                    // in quotes
	quotedEscape              // behind a backslash there
	comment                   // behind a #
	skipping                  // in a broken line, on to its end
)

// What a byte means.
const (
	plain uint8 = iota
	drop        // neither printable ASCII nor a blank
	blank
	newline
	quote
	backslash
	hash
	equals
)

var class = func() (c [256]uint8) {
	for i := range c {
		if i < ' ' || i > 0x7f {
			c[i] = drop
		}
	}
	for _, b := range " \t\v\f\r" {
		c[b] = blank
	}
	c['\n'], c['"'], c['\\'], c['#'], c['='] = newline, quote, backslash, hash, equals
	return c
}()

// Scan takes bytes from data up to the end of a line, and returns how many it
// took and what came of them. With More it took them all.
func (s *Scanner) Scan(data []byte) (n int, r Result) {
	if s.fresh && len(data) > 0 {
		s.fresh, s.buf, s.ends, s.bare, s.fault = false, s.buf[:0], s.ends[:0], 0, NoFault
	}
	for n < len(data) {
		if run := s.run(data[n:]); run > 0 {
			s.add(data[n : n+run]...)
			n += run
			continue
		}
		c := data[n]
		n++
		if r := s.next(c); r != More {
			s.state, s.fresh, s.size = between, true, 0
			return n, r
		}
	}
	s.size += n
	return n, More
}

// run is how many bytes at the start of data are ordinary parts of the word
// being read.
func (s *Scanner) run(data []byte) int {
	if s.state != word && s.state != quoted {
		return 0
	}
	n := 0
	for n < len(data) && class[data[n]] == plain {
		n++
	}
	return n
}

func (s *Scanner) next(c byte) Result {
	switch s.state {
	case between:
		return s.inGap(c)
	case word:
		return s.inWord(c)
	case quoted:
		return s.inQuotes(c)
	case wordEscape:
		s.state = word
		s.escaped(c)
	case quotedEscape:
		s.state = quoted
		s.escaped(c)
	case comment:
		if c == '\n' {
			return Line
		}
	case skipping:
		if c == '\n' {
			return Bad
		}
	}
	return More
}

func (s *Scanner) inGap(c byte) Result {
	switch class[c] {
	case newline:
		return Line
	case blank:
	case hash:
		s.state = comment
	case quote:
		s.state = quoted
	case backslash:
		s.state = wordEscape
	case equals:
		s.separator()
	case drop:
		s.state = word
	default:
		s.state = word
		s.add(c)
	}
	return More
}

func (s *Scanner) inWord(c byte) Result {
	switch class[c] {
	case newline:
		s.end()
		return Line
	case blank:
		s.end()
		s.state = between
	case hash:
		s.end()
		s.state = comment
	case equals:
		s.end()
		s.separator()
		s.state = between
	case backslash:
		s.state = wordEscape
	case drop:
	default:
		s.add(c)
	}
	return More
}

func (s *Scanner) inQuotes(c byte) Result {
	switch class[c] {
	case newline:
		if !s.Multiline {
			s.fault = OpenQuote
			return Bad
		}
	case quote:
		s.end()
		s.state = between
	case backslash:
		s.state = quotedEscape
	case hash:
		s.fault, s.state = HashInQuotes, skipping
	case drop:
	default: // = and blanks are ordinary here, other controls are not
		if c >= ' ' {
			s.add(c)
		}
	}
	return More
}

// escaped takes the byte behind a backslash: an LF joins lines, others stand
// for themselves where a word may hold them.
func (s *Scanner) escaped(c byte) {
	if c >= ' ' && c <= 0x7f {
		s.add(c)
	}
}

// add appends to the word being read what it still may hold.
func (s *Scanner) add(b ...byte) {
	if len(s.ends) == MaxWords {
		return
	}
	start := 0
	if len(s.ends) > 0 {
		start = s.ends[len(s.ends)-1]
	}
	room := cmp.Or(s.MaxWord, MaxWordLen) - (len(s.buf) - start)
	s.buf = append(s.buf, b[:min(len(b), room)]...)
}

func (s *Scanner) end() {
	if len(s.ends) < MaxWords {
		s.ends = append(s.ends, len(s.buf))
	}
}

func (s *Scanner) separator() {
	if n := len(s.ends); n < MaxWords {
		s.bare |= 1 << n
	}
	s.add('=')
	s.end()
}

// Words returns the words of the line that the last Scan completed. They are
// good until the next Scan.
func (s *Scanner) Words() [][]byte {
	s.words = s.words[:0]
	start := 0
	for _, end := range s.ends {
		s.words = append(s.words, s.buf[start:end:end])
		start = end
	}
	return s.words
}

// Separator tells whether word n of the line is a bare =, rather than one that
// was quoted or escaped.
func (s *Scanner) Separator(n int) bool { return n < MaxWords && s.bare&(1<<n) != 0 }

// Fault tells what is wrong with the line of a Bad result.
func (s *Scanner) Fault() Fault { return s.fault }

// Pending is how many bytes the incomplete line has so far. Who feeds a Scanner
// from a peer bounds it: the grammar knows no longest line.
func (s *Scanner) Pending() int { return s.size }

// End tells the Scanner that nothing follows, and what came of the bytes since
// the last complete line, as if an LF had ended it. More means there were none.
func (s *Scanner) End() Result {
	if s.size == 0 {
		return More
	}
	multiline := s.Multiline
	s.Multiline = false
	_, r := s.Scan([]byte{'\n'})
	if r == More { // behind a backslash: the first LF joined, the second ends
		_, r = s.Scan([]byte{'\n'})
	}
	s.Multiline = multiline
	return r
}
