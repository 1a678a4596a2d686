package nut

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestDraftFreeze(t *testing.T) {
	var d Draft
	d.Set("ups.load", "12")
	d.Put(Variable{Name: "ups.id", Value: "a", Writable: true, Text: true, MaxLen: 8})
	d.Set("UPS.ID", "b") // the same variable: spelling and attributes stay
	d.Set("battery.charge", "100")
	d.SetStatus("OL", "", "CHRG OL")
	d.AddCommand("load.on")
	d.AddCommand("load.off")
	d.AddCommand("LOAD.OFF")
	s := d.Freeze("u", Live, noon)

	var names []Name
	for v := range s.Variables() {
		names = append(names, v.Name)
	}
	if want := []Name{"battery.charge", "ups.id", "ups.load", "ups.status"}; !slices.Equal(names, want) {
		t.Errorf("variables %q, want %q", names, want)
	}
	if v, ok := s.Lookup("Ups.Id"); !ok || v.Value != "b" || !v.Writable || v.MaxLen != 8 {
		t.Errorf("ups.id is %+v, %t", v, ok)
	}
	if got := slices.Collect(s.Commands()); !slices.Equal(got, []Name{"load.off", "load.on"}) {
		t.Errorf("commands %q", got)
	}
	if !s.Takes("Load.On") || s.Takes("load") {
		t.Error("Takes is wrong")
	}
	if !s.Status().Has("CHRG") || s.Value("ups.status") != "OL CHRG" {
		t.Errorf("status %q", s.Status())
	}
	if n, ok := s.Number("ups.load"); !ok || n != 12 {
		t.Errorf("ups.load reads %v, %t", n, ok)
	}
	if _, ok := s.Number("ups.id"); ok {
		t.Error("a text reads as a number")
	}
	d.Set("ups.load", "13")
	if s.Value("ups.load") != "12" {
		t.Error("a snapshot changed")
	}
}

func TestDraftChanged(t *testing.T) {
	steps := []struct {
		name string
		do   func(*Draft)
		want bool
	}{
		{"new", func(d *Draft) { d.Set("a", "1") }, true},
		{"the same", func(d *Draft) { d.Set("a", "1") }, false},
		{"a value", func(d *Draft) { d.Set("a", "2") }, true},
		{"an attribute", func(d *Draft) { d.Edit("a", func(v *Variable) { v.Writable = true }) }, true},
		{"no attribute", func(d *Draft) { d.Edit("a", func(v *Variable) { v.Writable = true }) }, false},
		{"an alarm", func(d *Draft) { d.SetAlarms("hot") }, true},
		{"the same alarm", func(d *Draft) { d.SetAlarms("hot") }, false},
		{"a command", func(d *Draft) { d.AddCommand("x") }, true},
		{"the same command", func(d *Draft) { d.AddCommand("X") }, false},
		{"no such command", func(d *Draft) { d.RemoveCommand("y") }, false},
		{"a command gone", func(d *Draft) { d.RemoveCommand("x") }, true},
		{"no such variable", func(d *Draft) { d.Delete("b") }, false},
		{"a variable gone", func(d *Draft) { d.Delete("A") }, true},
		{"all gone", func(d *Draft) { d.Reset() }, true},
		{"nothing to forget", func(d *Draft) { d.Reset() }, false},
	}
	var d Draft
	for _, s := range steps {
		d.Settle()
		if s.do(&d); d.Changed() != s.want {
			t.Errorf("%s: changed is %t", s.name, d.Changed())
		}
	}
}

func TestAlarms(t *testing.T) {
	var d Draft
	d.SetStatus("OL")
	d.SetAlarms("Fan failed.", "Hot.")
	s := d.Freeze("u", Live, noon)
	if s.Value("ups.status") != "ALARM OL" || s.Value("ups.alarm") != "Fan failed. Hot." || s.Status()[0] != "ALARM" {
		t.Errorf("status %q, alarm %q", s.Value("ups.status"), s.Value("ups.alarm"))
	}
	d.SetAlarms()
	s = d.Freeze("u", Live, noon)
	if _, ok := s.Lookup("ups.alarm"); ok || s.Value("ups.status") != "OL" {
		t.Errorf("after the alarm: status %q", s.Value("ups.status"))
	}
}

func TestClone(t *testing.T) {
	var d Draft
	d.Set("a", "1")
	d.AddCommand("x")
	c := d.Clone()
	c.Set("a", "2")
	c.AddCommand("y")
	if s := d.Freeze("u", Live, noon); s.Value("a") != "1" || s.Takes("y") {
		t.Error("a copy changed what it was copied from")
	}
}

func TestSameAndWith(t *testing.T) {
	var d Draft
	d.Set("a", "1")
	s := d.Freeze("u", Live, noon)
	later := d.Freeze("u", Live, noon.Add(time.Hour))
	if !s.Same(later) {
		t.Error("the same facts at another time are not the same")
	}
	stale := s.With(Stale, noon)
	if s.Same(stale) || stale.Value("a") != "1" || s.Health != Live {
		t.Error("With is wrong")
	}
}

func TestMemoOnce(t *testing.T) {
	var built atomic.Int32
	m := NewMemo(func(s *Snapshot) string { built.Add(1); return s.UPS + "!" })
	other := NewMemo(func(*Snapshot) int { return 7 })
	s := new(Draft).Freeze("u", Live, noon)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := m.Of(s); got != "u!" || other.Of(s) != 7 {
				t.Errorf("got %q", got)
			}
		})
	}
	wg.Wait()
	if built.Load() != 1 {
		t.Errorf("built %d times", built.Load())
	}
}
