package nut

// Name names a variable ("battery.charge") or an instant command
// ("load.off"). Names are compared without regard to the case of ASCII letters
// (RFC 9271 section 4.2, note) and keep the spelling their device gave them.
type Name string

// Compare orders names as the LIST answers do: byte by byte, letters without
// regard to case. It returns -1, 0 or +1.
func (n Name) Compare(m Name) int {
	for i := range min(len(n), len(m)) {
		if a, b := lower(n[i]), lower(m[i]); a != b {
			if a < b {
				return -1
			}
			return 1
		}
	}
	switch {
	case len(n) < len(m):
		return -1
	case len(n) > len(m):
		return 1
	}
	return 0
}

// Equal tells whether n and m name the same thing.
func (n Name) Equal(m Name) bool { return len(n) == len(m) && n.Compare(m) == 0 }

// Fold returns n with its ASCII letters in lower case, fit as a map key.
func (n Name) Fold() Name {
	for i := range len(n) {
		if lower(n[i]) != n[i] {
			folded := []byte(n)
			for j := range folded {
				folded[j] = lower(folded[j])
			}
			return Name(folded)
		}
	}
	return n
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
