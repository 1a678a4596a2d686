// Package probe asks NUT servers elsewhere what their UPSes say, whenever
// somebody wants to know.
//
// Only the servers of a list are asked, and each gets its own credentials and
// no other's. What is wanted goes out in one write over a connection that is
// kept for the next time. A server can be slow, broken or hostile: an answer is
// bounded in time and size, and one bad UPS costs the others nothing.
package probe
