package monitor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// pool runs jobs, several at a time and others in their turn. Its fields are
// set before its use.
type pool struct {
	parallel int // how many run at once
	reserve  int // how many more may, if they are urgent
	waiting  int // how many more are taken

	mu      sync.Mutex
	queue   []job
	running int
	unbegun int // taken, and the job has not said yet that it has begun
}

// job is something to run. It may call begun as soon as it would go on even if
// this process ended.
type job func(begun func())

// submit has j run soon, and never waits. It returns false if there is too much
// to do already: then j is not run.
func (p *pool) submit(j job, urgent bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	most := p.parallel
	if urgent {
		most += p.reserve
	}
	switch {
	case p.running < most:
		p.running++
		go p.work(j)
	case len(p.queue) < p.waiting:
		p.queue = append(p.queue, j)
	default:
		return false
	}
	p.unbegun++
	return true
}

// work runs j and then those that wait, until none does.
func (p *pool) work(j job) {
	for j != nil {
		begun := sync.OnceFunc(p.begun)
		j(begun)
		begun()
		j = p.next()
	}
}

func (p *pool) next() job {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		p.running--
		return nil
	}
	j := p.queue[0]
	p.queue = slices.Delete(p.queue, 0, 1)
	return j
}

func (p *pool) begun() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unbegun--
}

// flush waits until all jobs have begun, or ctx ends.
func (p *pool) flush(ctx context.Context) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.pending() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *pool) pending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unbegun > 0
}
