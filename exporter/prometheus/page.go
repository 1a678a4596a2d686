package prometheus

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// page gathers families by name, from many UPSes.
type page map[string]*family

// family is one family of the page, in pieces.
type family struct {
	desc   *collectors.Desc
	pieces [][]byte
}

// put adds whole lines to a family.
func (p page) put(d *collectors.Desc, lines []byte) {
	f := p[d.Name]
	if f == nil {
		f = &family{desc: d}
		p[d.Name] = f
	}
	f.pieces = append(f.pieces, lines)
}

func (p page) putAll(pieces []piece) {
	for _, piece := range pieces {
		p.put(piece.desc, piece.lines)
	}
}

// add adds a sample.
func (p page) add(s collectors.Sample) { p.put(s.Desc, appendSample(nil, s)) }

// write writes the families, sorted by name.
func (p page) write(w io.Writer) error {
	var header []byte
	for _, f := range slices.SortedFunc(maps.Values(p), func(a, b *family) int { return cmp.Compare(a.desc.Name, b.desc.Name) }) {
		header = appendHeader(header[:0], f.desc)
		if _, err := w.Write(header); err != nil {
			return err
		}
		for _, lines := range f.pieces {
			if _, err := w.Write(lines); err != nil {
				return err
			}
		}
	}
	return nil
}

// renderer renders what UPSes say, once for each snapshot.
type renderer struct {
	quiet  *nut.Memo[[]piece] // what a snapshot says
	forced *nut.Memo[[]piece] // the same under an order to shut down
	texts  *nut.Memo[[]piece] // what it says that is no number
}

func newRenderer() renderer {
	return renderer{nut.NewMemo(render(false)), nut.NewMemo(render(true)), nut.NewMemo(renderTexts)}
}

// fleet adds what a fleet says.
func (r renderer) fleet(p page, f collectors.Fleet, now time.Time) {
	for u := range f.All() {
		for _, s := range collectors.Contact(u, now) {
			p.add(s)
		}
		if info, ok := collectors.Info(u); ok {
			p.add(info)
		}
		memo := r.quiet
		if u.Forced {
			memo = r.forced
		}
		p.putAll(memo.Of(u.Snapshot))
		if u.Texts {
			p.putAll(r.texts.Of(u.Snapshot))
		}
	}
}
