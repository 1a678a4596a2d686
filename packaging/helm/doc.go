// Package helm holds the chart; its tests render it and check what comes out
// against the types of the Kubernetes API and of the Prometheus operator. It is
// a module of its own, since the program has no need of these.
package helm
