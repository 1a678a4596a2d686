// Package agent builds all parts of the agent from a configuration and runs
// them: a Runner for each UPS, the server, and what it is given besides. On
// reload it changes what changed, and nothing else.
package agent
