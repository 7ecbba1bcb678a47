package watermark

import (
	"testing"

	"tidemark/operators/data"
)

// TestMergerSnapshot restores mergers in every state: they go on as the first ones do.
func TestMergerSnapshot(t *testing.T) {
	steps := []func(*Merger){
		func(m *Merger) { m.Advance(0, 10) },
		func(m *Merger) { m.Advance(1, 5) },
		func(m *Merger) { m.Idle(1) },
		func(m *Merger) { m.Wake(1) },
		func(m *Merger) { m.Add() },
		func(m *Merger) { m.Raise(20) },
		func(m *Merger) { m.Finish(2) },
		func(m *Merger) { m.Advance(0, data.MaxTime) },
		func(m *Merger) { m.Advance(1, data.MaxTime) },
	}
	for cut := range len(steps) + 1 {
		one := NewMerger(2)
		for _, step := range steps[:cut] {
			step(one)
		}
		e := data.NewEncoder(nil)
		one.Snapshot(e)
		d := data.NewDecoder(e.Bytes())
		two := NewMerger(0)
		two.Restore(d)
		if d.Damaged() || len(d.Rest()) > 0 {
			t.Fatalf("after %d steps: damaged %v, %d bytes left", cut, d.Damaged(), len(d.Rest()))
		}
		for k, step := range steps[cut:] {
			step(one)
			step(two)
			if one.Now() != two.Now() || one.Holder() != two.Holder() || one.Len() != two.Len() {
				t.Fatalf("cut after %d steps, %d steps further: %d held by %d, want %d held by %d", cut, k+1, two.Now(), two.Holder(), one.Now(), one.Holder())
			}
		}
		short := data.NewDecoder(e.Bytes()[:len(e.Bytes())-1])
		NewMerger(0).Restore(short)
		if !short.Damaged() {
			t.Error("a snapshot that is cut off was taken")
		}
	}
}
