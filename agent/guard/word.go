package guard

// word is the one thing that an agent can tell its guard. The bytes are such as
// no UTF-8 text contains, so that text in the wrong descriptor ends no host.
type word byte

const (
	wordAlive    word = 0xf9 // the agent is up, and has looked at its UPSes just now
	wordLow      word = 0xfa // on battery, and that is low: the host must go down soon
	wordFine     word = 0xfb // the contrary
	wordShutdown word = 0xfd // end the host
)

// memory is what a guard knows from its agent's words.
type memory struct {
	alive    bool // this agent has been up
	low      bool // the last that any agent said
	shutdown bool // some agent has asked for the end; never taken back
	strange  int  // words of this agent that mean nothing
}

// hear takes a word in, and tells whether it meant something.
func (m *memory) hear(w word) bool {
	switch w {
	case wordAlive:
		m.alive = true
	case wordLow:
		m.low = true
	case wordFine:
		m.low = false
	case wordShutdown:
		m.shutdown = true
	default:
		m.strange++
		return false
	}
	return true
}

// reborn forgets what was only true of the former agent.
func (m *memory) reborn() { m.alive, m.strange = false, 0 }
