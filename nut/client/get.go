package client

import (
	"context"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/nut"
)

// Type is what GET TYPE tells of a variable (RFC 9271 section 4.2.4.4).
type Type struct {
	Writable bool // RW
	Enum     bool // ENUM: ListEnum has the values it may take
	Range    bool // RANGE: ListRange has the intervals it may lie in
	Number   bool // NUMBER
	Text     bool // STRING:n
	MaxLen   int  // the n of STRING:n, in bytes
}

// GetVar asks for the value of a variable.
func GetVar(ups string, name nut.Name) *Call[string] {
	return get(text, "VAR", ups, string(name))
}

// GetType asks for the type of a variable.
func GetType(ups string, name nut.Name) *Call[Type] {
	return get(parseType, "TYPE", ups, string(name))
}

// GetDesc asks for the description of a variable.
func GetDesc(ups string, name nut.Name) *Call[string] {
	return get(text, "DESC", ups, string(name))
}

// GetCmdDesc asks for the description of an instant command.
func GetCmdDesc(ups string, command nut.Name) *Call[string] {
	return get(text, "CMDDESC", ups, string(command))
}

// GetUPSDesc asks for the description of a UPS.
func GetUPSDesc(ups string) *Call[string] { return get(text, "UPSDESC", ups) }

// NumLogins asks how many clients are logged in to a UPS.
func NumLogins(ups string) *Call[int] { return get(number, "NUMLOGINS", ups) }

// GetVar returns the value of a variable.
func (c *Client) GetVar(ctx context.Context, ups string, name nut.Name) (string, error) {
	return one(ctx, c, GetVar(ups, name))
}

// GetType returns the type of a variable.
func (c *Client) GetType(ctx context.Context, ups string, name nut.Name) (Type, error) {
	return one(ctx, c, GetType(ups, name))
}

// GetDesc returns the description of a variable.
func (c *Client) GetDesc(ctx context.Context, ups string, name nut.Name) (string, error) {
	return one(ctx, c, GetDesc(ups, name))
}

// GetCmdDesc returns the description of an instant command.
func (c *Client) GetCmdDesc(ctx context.Context, ups string, command nut.Name) (string, error) {
	return one(ctx, c, GetCmdDesc(ups, command))
}

// GetUPSDesc returns the description of a UPS.
func (c *Client) GetUPSDesc(ctx context.Context, ups string) (string, error) {
	return one(ctx, c, GetUPSDesc(ups))
}

// NumLogins returns how many clients are logged in to a UPS; the primary counts
// itself.
func (c *Client) NumLogins(ctx context.Context, ups string) (int, error) {
	return one(ctx, c, NumLogins(ups))
}

func get[T any](parse func([][]byte) (T, bool), words ...string) *Call[T] {
	return ask(readValue(parse, words...), append([]string{"GET"}, words...)...)
}

func text(rest [][]byte) (string, bool) {
	if len(rest) == 0 {
		return "", false
	}
	return string(rest[0]), true
}

func number(rest [][]byte) (int, bool) {
	if len(rest) == 0 {
		return 0, false
	}
	n, err := strconv.Atoi(string(rest[0]))
	return n, err == nil && n >= 0
}

// parseType takes the words in any order, and those it does not know.
func parseType(rest [][]byte) (t Type, ok bool) {
	for _, w := range rest {
		word, length, _ := strings.Cut(strings.ToUpper(string(w)), ":")
		switch word {
		case "RW":
			t.Writable = true
		case "ENUM":
			t.Enum = true
		case "RANGE":
			t.Range = true
		case "NUMBER":
			t.Number = true
		case "STRING":
			n, err := strconv.Atoi(length)
			if err != nil || n < 0 {
				return t, false
			}
			t.Text, t.MaxLen = true, n
		}
	}
	return t, true
}
