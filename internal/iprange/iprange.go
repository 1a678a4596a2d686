// Package iprange reads ranges of IP addresses as people write them on a
// command line, and walks over them.
package iprange

import (
	"errors"
	"fmt"
	"iter"
	"math/big"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Max is how many addresses one range may have: a /8 of IPv4. More than that
// is a mistake, not a network.
const Max = 1 << 24

// Range is all addresses from First to Last, both among them.
type Range struct{ First, Last netip.Addr }

// Between is the range from one address to another of the same family, in
// either order. Where one is "", the range is the other alone.
func Between(first, last string) (Range, error) {
	if first == "" {
		first = last
	}
	if last == "" {
		last = first
	}
	a, err := parse(first)
	if err != nil {
		return Range{}, err
	}
	b, err := parse(last)
	if err != nil {
		return Range{}, err
	}
	if a.Is4() != b.Is4() {
		return Range{}, fmt.Errorf("%s and %s are not of one family", first, last)
	}
	if b.Less(a) {
		a, b = b, a
	}
	return Range{a, b}.checked()
}

func parse(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return a, fmt.Errorf("%q is not an IP address", text)
	}
	return a.Unmap(), nil
}

// CIDR is the range that "192.0.2.0/24" or "2001:db8::/120" names. Of an IPv4
// network of more than two addresses the first and the last are left out: they
// are the network's own and the broadcast address. Without a mask it is the one
// address.
func CIDR(text string) (Range, error) {
	if !strings.Contains(text, "/") {
		return Between(text, "")
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return Range{}, fmt.Errorf("%q is not a network such as 192.0.2.0/24", text)
	}
	return network(p)
}

func network(p netip.Prefix) (Range, error) {
	p = p.Masked()
	last := p.Addr().AsSlice()
	for i := p.Bits(); i < p.Addr().BitLen(); i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	end, _ := netip.AddrFromSlice(last)
	r, err := Range{p.Addr(), end}.checked()
	if err == nil && p.Addr().Is4() && p.Bits() < 31 {
		r.First, r.Last = r.First.Next(), r.Last.Prev()
	}
	return r, err
}

func (r Range) checked() (Range, error) {
	first, last := new(big.Int).SetBytes(r.First.AsSlice()), new(big.Int).SetBytes(r.Last.AsSlice())
	if n := last.Sub(last, first); n.Cmp(big.NewInt(Max)) >= 0 {
		return r, fmt.Errorf("%s to %s are too many addresses to ask each; %d at the most", r.First, r.Last, Max)
	}
	return r, nil
}

// All walks over the ranges, one after the other.
func All(ranges []Range) iter.Seq[netip.Addr] {
	return func(yield func(netip.Addr) bool) {
		for _, r := range ranges {
			for a := r.First; a.IsValid(); a = a.Next() {
				if !yield(a) {
					return
				}
				if a == r.Last {
					break
				}
			}
		}
	}
}

// Auto is the networks that this host is in, by the word "auto", "auto4" or
// "auto6", each with "/BITS" behind it for networks no larger than that. The
// loopback is no network, and neither is a point-to-point link's own address.
// Networks of IPv6 are narrowed to /120 where nothing else is said: nobody asks
// each host of a /64.
func Auto(word string, networks []netip.Prefix) ([]Range, error) {
	word, bits, narrowed := strings.Cut(word, "/")
	limit := 0
	if narrowed {
		n, err := strconv.Atoi(bits)
		if err != nil || n < 1 || n > 128 {
			return nil, fmt.Errorf("%q is not a number of bits", bits)
		}
		limit = n
	}
	if word != "auto" && word != "auto4" && word != "auto6" {
		return nil, fmt.Errorf("%q is none of auto, auto4, auto6", word)
	}
	var ranges []Range
	for _, p := range networks {
		v4 := p.Addr().Is4()
		if v4 && word == "auto6" || !v4 && word == "auto4" {
			continue
		}
		r, err := network(narrow(p, limit))
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}

func narrow(p netip.Prefix, bits int) netip.Prefix {
	if bits == 0 && !p.Addr().Is4() {
		bits = 120
	}
	return netip.PrefixFrom(p.Addr(), min(max(p.Bits(), bits), p.Addr().BitLen()))
}

// Networks is what Auto goes by on this host.
func Networks() ([]netip.Prefix, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var all []netip.Prefix
	var errs []error
	for _, i := range interfaces {
		if i.Flags&(net.FlagLoopback|net.FlagPointToPoint) != 0 || i.Flags&net.FlagUp == 0 {
			continue
		}
		addresses, err := i.Addrs()
		errs = append(errs, err)
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
				all = append(all, p)
			}
		}
	}
	return all, errors.Join(errs...)
}
