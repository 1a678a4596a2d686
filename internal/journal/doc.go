// Package journal logs to systemd's journal, by its own protocol: each record
// has its priority and place in the code, and each attribute is a field that
// journalctl can ask for.
package journal
