// Package wattnut is the root of the project: it holds the tests of the house
// rules, and no code. The program is in cmd/wattnut.
package wattnut
