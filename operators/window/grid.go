// Package window is the arithmetic of windows: cells lie side by side, a grid has
// windows that overlap. Times are microseconds since 1970-01-01T00:00:00Z.
package window

import (
	"time"

	"tidemark/operators/data"
)

// Grid tells windows that overlap. What their bounds cut out of time are panes:
// all instants of a pane are in the same windows, so that a row is added to its
// pane once, whatever the number of windows. A window is known by its end.
//
// Windows start where a cell starts, and the cells are numbered: a window is
// made of whole cells and, where it ends within one, of panes of that one.
//
// A Grid may remember what it was last asked; one goroutine at a time.
type Grid interface {
	// Pane returns the pane that holds ts.
	Pane(ts int64) Pane
	// LastEnd returns the greatest end of a window that holds the pane. The least
	// one is the NextEnd of the pane's last instant, and all ends between them are
	// of windows that hold it.
	LastEnd(p Pane) int64
	// NextEnd returns the least end of a window above ts, at most data.MaxTime.
	NextEnd(ts int64) int64
	// Start returns the start of the window that ends at end.
	Start(end int64) int64
	// Cell returns the number of the cell that holds ts.
	Cell(ts int64) int64
}

// Pane is the stretch of time [Start, End) between two bounds of windows, in the
// cell with the number Cell.
type Pane struct{ Start, End, Cell int64 }

// hop is windows of which number i goes from starts.At(i) to ends.At(i).
type hop struct{ starts, ends Cells }

// side is windows that lie side by side: each is one pane.
type side struct{ Cells }

// NewSide returns the cells as a Grid.
func NewSide(c Cells) Grid { return side{c} }

func (w side) Pane(ts int64) Pane {
	start := w.Cells.Start(ts)
	return Pane{start, w.End(start), w.Index(ts)}
}

func (w side) LastEnd(p Pane) int64  { return p.End }
func (w side) Start(end int64) int64 { return w.Cells.Start(data.AddTime(end, -1)) }
func (w side) Cell(ts int64) int64   { return w.Index(ts) }

// NewHop returns windows of a size, one every slide, which is not more than the
// size. One of them starts at offset.
func NewHop(slide, size, offset int64) Grid {
	return hop{Tumble{slide, offset}, Tumble{slide, offset + size}}
}

// NewZonedHop returns windows that start with the cells of a calendar of the
// length slide. Where slide is whole days, so is size: windows then last that many
// days of the calendar.
func NewZonedHop(loc *time.Location, slide, size, offset int64) Grid {
	starts := NewCalendar(loc, slide, offset)
	if slide%data.Day == 0 {
		return hop{starts, NewCalendar(loc, slide, offset+size)}
	}
	return hop{starts, newCalendar(loc, slide, offset, size)}
}

func (w hop) Pane(ts int64) Pane {
	start := w.starts.Start(ts)
	p := Pane{Start: start, End: w.starts.End(start), Cell: w.starts.Index(ts)}
	bound := w.ends.Start(ts)
	return Pane{max(p.Start, bound), min(p.End, w.ends.End(bound)), p.Cell}
}

func (w hop) LastEnd(p Pane) int64 {
	return max(w.ends.At(p.Cell), w.NextEnd(p.End-1)) // they differ only where numbers end
}

func (w hop) NextEnd(ts int64) int64 { return w.ends.NextEnd(ts) }
func (w hop) Start(end int64) int64  { return w.starts.At(w.ends.Index(end)) }
func (w hop) Cell(ts int64) int64    { return w.starts.Index(ts) }
