package client

import (
	"context"

	"github.com/wattnut/wattnut/nut"
)

// UPS is a row of LIST UPS.
type UPS struct{ Name, Description string }

// Var is a row of LIST VAR and of LIST RW.
type Var struct {
	Name  nut.Name
	Value string
}

// Range is a row of LIST RANGE: a closed interval, in the server's spelling.
type Range struct{ Min, Max string }

// ListUPS asks which UPSes the server has.
func ListUPS() *Call[[]UPS] {
	return list(newUPS, "UPS")
}

// ListVar asks for all variables of a UPS.
func ListVar(ups string) *Call[[]Var] { return list(newVar, "VAR", ups) }

// ListRW asks for the variables that can be set.
func ListRW(ups string) *Call[[]Var] { return list(newVar, "RW", ups) }

// ListRange asks for the intervals a variable may lie in.
func ListRange(ups string, name nut.Name) *Call[[]Range] {
	return list(newRange, "RANGE", ups, string(name))
}

// ListCmd asks for the instant commands of a UPS.
func ListCmd(ups string) *Call[[]nut.Name] { return column[nut.Name]("CMD", ups) }

// ListEnum asks for the values a variable may take.
func ListEnum(ups string, name nut.Name) *Call[[]string] {
	return column[string]("ENUM", ups, string(name))
}

// ListClient asks for the addresses of the clients that are logged in to a UPS.
func ListClient(ups string) *Call[[]string] { return column[string]("CLIENT", ups) }

// ListUPS returns the UPSes that the server has, in its order.
func (c *Client) ListUPS(ctx context.Context) ([]UPS, error) { return one(ctx, c, ListUPS()) }

// ListVar returns all variables of a UPS.
func (c *Client) ListVar(ctx context.Context, ups string) ([]Var, error) {
	return one(ctx, c, ListVar(ups))
}

// ListRW returns the variables that can be set.
func (c *Client) ListRW(ctx context.Context, ups string) ([]Var, error) {
	return one(ctx, c, ListRW(ups))
}

// ListCmd returns the instant commands of a UPS.
func (c *Client) ListCmd(ctx context.Context, ups string) ([]nut.Name, error) {
	return one(ctx, c, ListCmd(ups))
}

// ListEnum returns the values that a variable may take, none if it is not
// limited to some.
func (c *Client) ListEnum(ctx context.Context, ups string, name nut.Name) ([]string, error) {
	return one(ctx, c, ListEnum(ups, name))
}

// ListRange returns the intervals a variable may lie in, none if it is not
// limited to some.
func (c *Client) ListRange(ctx context.Context, ups string, name nut.Name) ([]Range, error) {
	return one(ctx, c, ListRange(ups, name))
}

// ListClient returns the address of each connection that is logged in to a UPS.
func (c *Client) ListClient(ctx context.Context, ups string) ([]string, error) {
	return one(ctx, c, ListClient(ups))
}

func newUPS(name, description string) UPS { return UPS{name, description} }

func newVar(name, value string) Var { return Var{nut.Name(name), value} }

func newRange(low, high string) Range { return Range{low, high} }

// list is a list of rows of two words.
func list[T any](row func(a, b string) T, words ...string) *Call[[]T] {
	parse := func(rest [][]byte) (T, bool) {
		if len(rest) < 2 {
			var none T
			return none, false
		}
		return row(string(rest[0]), string(rest[1])), true
	}
	return ask(readList(parse, words...), append([]string{"LIST"}, words...)...)
}

// column is a list of rows of one word.
func column[T ~string](words ...string) *Call[[]T] {
	parse := func(rest [][]byte) (T, bool) {
		if len(rest) == 0 {
			return "", false
		}
		return T(rest[0]), true
	}
	return ask(readList(parse, words...), append([]string{"LIST"}, words...)...)
}
