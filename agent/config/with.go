package config

import (
	"maps"
	"slices"

	"github.com/wattnut/wattnut/drivers"
	"github.com/wattnut/wattnut/nut/conf"
)

// Bare is a UPS that no file says anything of, to be given settings by
// [UPS.With]. source is said to be its File.
func Bare(name, source string) UPS { return UPS{Name: name, Common: defaults(), File: source} }

// With returns u with further settings, which count more than those it has:
// what a driver is given by -x on its command line.
func (u UPS) With(settings ...drivers.Setting) UPS {
	u.Settings = slices.Clone(u.Settings)
	u.Default, u.Override = maps.Clone(u.Default), maps.Clone(u.Override)
	for _, s := range settings {
		switch s.Name {
		case "port":
			u.Port = s.Value
		case "desc":
			u.Desc = s.Value
		}
		d := conf.Directive{Name: s.Name, Args: []string{s.Value}, Set: !s.Flag, Line: u.Line}
		if s.Flag {
			d.Args = nil
		}
		u.take(d)
	}
	return u
}
