// Package interop holds the tests that run the wattnut binary beside NUT's own
// programs, as the distribution ships them: each of the two with the other, and
// both over the same input. There is nothing in it to import.
package interop
