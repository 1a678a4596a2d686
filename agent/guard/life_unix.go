//go:build unix

package guard

import (
	"context"
	"os"
	"syscall"
	"time"
)

// end is how a life of the agent ended.
type end struct {
	byWill bool // it exited, and was not made to
	code   int  // the exit code
	text   string
}

// life is what a watch needs to know about one life of the agent.
type life struct {
	*agent
	killed bool        // the guard gave it up
	kill   *time.Timer // ends its grace; nil while it has no need of any
	quiet  int         // beats of the clock since its last word
	left   int         // how many more words it may leave behind
}

// beats is how many beats of the clock make Silence. A clock that stood still
// with the whole machine gives one beat, however long that was. An agent that is
// not alive yet has birth times as many.
const (
	beats = 4
	birth = 4
)

// legacy is more words than a pipe holds.
const legacy = 1 << 17

// live runs one agent to its end.
func (w *watch) live(ctx context.Context) (end, error) {
	if ctx.Err() != nil {
		return end{}, nil
	}
	w.reborn()
	a, err := w.start(w.sockets)
	if err != nil {
		return end{}, err
	}
	defer a.close()
	l := &life{agent: a, left: legacy}
	w.attend(ctx, l)
	w.hearOut(ctx, l)
	if l.kill != nil {
		l.kill.Stop()
	}
	return end{byWill: a.state.Exited() && !l.killed, code: a.state.ExitCode(), text: a.state.String()}, nil
}

// attend serves an agent until its process has ended.
func (w *watch) attend(ctx context.Context, l *life) {
	words, stopping := l.words, ctx.Done()
	beat, stop := w.clock()
	defer stop()
	for {
		select {
		case said, open := <-words:
			if open {
				w.said(ctx, l, said)
				continue
			}
			words = nil
			l.doom(closedTime)
		case <-beat:
			w.beat(l)
		case s := <-w.signals:
			w.keep(s)
			w.pass(l)
		case w.checks = <-w.found:
			w.report(l)
		case <-stopping:
			stopping = nil
			l.signal(syscall.SIGTERM)
			l.doom(w.grace)
		case <-l.done:
			return
		case <-l.doomed():
			l.killed = true
			l.signal(os.Kill)
		}
	}
}

// hearOut hears what a dead agent has said, even if another process holds the
// pipe open, and though that went on talking.
func (w *watch) hearOut(ctx context.Context, l *life) {
	l.lastly()
	for said := range l.words {
		if l.left--; l.left > 0 {
			l.lastly()
		}
		w.said(ctx, l, said)
	}
}

// said takes in a word of the agent's.
func (w *watch) said(ctx context.Context, l *life, said word) {
	was := w.memory
	if !w.hear(said) {
		if w.strange == 1 {
			w.Log.Warn("the agent says words that mean nothing", "word", byte(said))
		}
		return
	}
	l.quiet, w.heard = 0, time.Now()
	if w.low != was.low && time.Since(w.told) >= time.Second {
		w.told = time.Now()
		w.Log.Info("the agent has told of the battery", "low", w.low)
	}
	if w.shutdown {
		w.powerOff(ctx, "the agent asks for it")
	}
	if w.alive && !was.alive {
		w.rise(l)
	}
}

// rise greets an agent that is alive now.
func (w *watch) rise(l *life) {
	w.pass(l)
	w.report(l)
	if !w.seen && w.Ready != nil {
		w.Ready()
	}
	w.seen = true
}

// pass sends the agent the signals that were kept for it. One that is not alive
// yet might die of them.
func (w *watch) pass(l *life) {
	if !w.alive {
		return
	}
	for _, s := range w.pending {
		l.signal(s)
	}
	w.pending = nil
}

// report tells the agent what was found last, once it is alive.
func (w *watch) report(l *life) {
	if !w.alive || w.checks == nil {
		return
	}
	if err := l.told(w.checks); err != nil {
		w.Log.Debug("the agent missed a report", "error", err)
	}
}

// clock beats for silence; it never does where any is borne.
func (w *watch) clock() (<-chan time.Time, func()) {
	if w.Silence <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(w.Silence / beats)
	return t.C, t.Stop
}

// beat counts the silence of an agent, and gives it up when it is too long. It is
// asked to write down where it hangs: Go does so at SIGABRT.
func (w *watch) beat(l *life) {
	patience := beats
	if !w.alive {
		patience *= birth
	}
	if l.quiet++; l.quiet <= patience || l.killed || w.ended != nil {
		return
	}
	w.Log.Error("the agent is silent, and is killed", "silence", w.Silence)
	l.killed = true
	l.signal(syscall.SIGABRT)
	l.doom(abortTime)
}

// doom has the process killed after grace, or when that is due already.
func (l *life) doom(grace time.Duration) {
	if l.kill == nil {
		l.kill = time.NewTimer(grace)
	}
}

func (l *life) doomed() <-chan time.Time {
	if l.kill == nil {
		return nil
	}
	return l.kill.C
}
