// Package collectors turns what UPSes say into samples: metric families with
// labels and numbers, the one thing an exporter knows.
//
// The names follow from the vocabulary of package nut by rule, so that they
// need no list and never change: the prefix nut_, NUT's own path, the base
// unit as a plural suffix. What is table-like is labels of a family of its
// own, so that a total never stands beside its parts. docs/metrics.md has them
// all.
package collectors
