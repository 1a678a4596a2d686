package guard

import "strings"

// firstWord returns the word by which sh would find the program of a command
// line: what follows assignments and "exec", without its quotes. plain is false
// if that takes more than this to know: expansions, compound commands, builtins
// that are no program.
func firstWord(line string) (word string, plain bool) {
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		word, line, plain = cutWord(line)
		switch {
		case !plain:
			return word, false
		case isAssignment(word), word == "exec":
		case strings.Contains(" "+builtins+" ", " "+word+" "):
			return word, false
		default:
			return word, true
		}
	}
}

// builtins are words of the shell's own that a command line may begin with.
const builtins = ". : alias break case cd command continue eval exit export for if local readonly return set shift source trap umask unset until wait while !"

// cutWord cuts the first word off a line, and takes its quotes away. plain is
// false where a character means more than itself, and where there is no word.
func cutWord(line string) (word, rest string, plain bool) {
	var b strings.Builder
	var quote byte
	escaped := false
	for i := range len(line) {
		c := line[i]
		switch {
		case escaped:
			b.WriteByte(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped = true
		case strings.IndexByte("$`", c) >= 0 && quote != '\'':
			return "", "", false
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte(" \t\r\n;&|<>", c) >= 0:
			return b.String(), line[i:], b.Len() > 0
		case strings.IndexByte("(){}[]*?~#", c) >= 0:
			return "", "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", b.Len() > 0
}

// isAssignment tells whether sh would take the word for NAME=value.
func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == ""
}
