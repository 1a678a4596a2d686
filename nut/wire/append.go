package wire

import "bytes"

// AppendQuoted appends s as a quoted word, with a backslash before ", \ and #.
// Bytes that the grammar cannot carry (controls, anything beyond ASCII) are
// left out, as the reader would drop them.
func AppendQuoted[T string | []byte](dst []byte, s T) []byte {
	return append(AppendEscaped(append(dst, '"'), s), '"')
}

// AppendEscaped appends what stands between the quotes of AppendQuoted.
func AppendEscaped[T string | []byte](dst []byte, s T) []byte {
	for i := range len(s) {
		switch c := s[i]; class[c] {
		case drop, newline:
		case quote, backslash, hash:
			dst = append(dst, '\\', c)
		case blank:
			if c == ' ' {
				dst = append(dst, c)
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendWord appends s as one word, quoted only where a bare one would be read
// as something else: where it is empty or holds a blank, ", \, # or =.
func AppendWord[T string | []byte](dst []byte, s T) []byte {
	for i := range len(s) {
		if class[s[i]] != plain {
			return AppendQuoted(dst, s)
		}
	}
	if len(s) == 0 {
		return append(dst, `""`...)
	}
	return append(dst, s...)
}

// AppendLine appends words, each as AppendWord writes it, and an LF.
func AppendLine(dst []byte, words ...string) []byte {
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = AppendWord(dst, w)
	}
	return append(dst, '\n')
}

// Clean tells whether s reaches a reader as it is: printable ASCII only, and
// at most MaxWordLen bytes.
func Clean[T string | []byte](s T) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > 0x7f {
			return false
		}
	}
	return len(s) <= MaxWordLen
}

// Is tells whether a word from the wire is the keyword, without regard to the
// case of letters. The keyword is in upper case.
func Is(word []byte, keyword string) bool {
	return len(word) == len(keyword) && bytes.EqualFold(word, []byte(keyword))
}
