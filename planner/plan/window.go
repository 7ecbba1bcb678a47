package plan

import (
	"time"

	"tidemark/operators/data"
	"tidemark/operators/window"
)

// WindowKind says how rows are put into windows.
type WindowKind uint8

// The kinds of windows.
const (
	Tumble   WindowKind = iota // windows of Size, side by side
	Hop                        // windows of Size, one every Slide
	Cumulate                   // windows that grow by Slide, up to Size
	Session                    // rows of a key no more than Gap apart
	Attached                   // those that the rows come from, told by their columns
)

// String returns the name of the function that makes such windows.
func (k WindowKind) String() string {
	return [...]string{"TUMBLE", "HOP", "CUMULATE", "SESSION", "WINDOW"}[k]
}

// Window is the window of an Aggregate. Lengths are in microseconds; those that
// a kind does not have are 0.
type Window struct {
	Kind WindowKind
	// Size is the length of a window, of the longest of CUMULATE.
	Size int64
	// Slide is the distance between the starts of windows: that of HOP, the step by
	// which windows of CUMULATE grow, the Size of TUMBLE.
	Slide int64
	// Offset moves all windows: at least 0 and less than Slide, or Size for CUMULATE.
	Offset int64
	// Gap is the longest silence within a session.
	Gap int64
	// Zone is the time zone whose clocks windows go by; "" when all days are alike.
	Zone string
	// Of an Attached window the Time of the Aggregate is the window's end, or where it is
	// Sliced a microsecond before that. Windows end
	// at Offset and every Slide from there on, at any time where that is 0. Fixed says
	// that all are equally long, Size where it is known; Starts that the first key is
	// their start, and Inclusive that a row at the very end belongs to one.
	Fixed, Starts, Inclusive bool
}

// ToTheEnd reports whether a row at the very end of a window belongs to it.
func (w *Window) ToTheEnd() bool { return w.Kind == Session || w.Inclusive }

// Describe writes the window as EXPLAIN shows it, over the time column called time.
func (w *Window) Describe(time string) string {
	if w.Kind == Attached {
		return "the window that ends at " + time
	}
	if w.Zone != "" {
		time += " in " + w.Zone
	}
	text := w.Kind.String() + "(" + time
	switch w.Kind {
	case Tumble:
		text += ", " + Duration(w.Size)
	case Hop:
		text += ", slide " + Duration(w.Slide) + ", size " + Duration(w.Size)
	case Cumulate:
		text += ", step " + Duration(w.Slide) + ", size " + Duration(w.Size)
	case Session:
		text += ", gap " + Duration(w.Gap)
	}
	if w.Offset != 0 {
		text += ", offset " + Duration(w.Offset)
	}
	return text + ")"
}

// Overlaps reports whether a row may be in several windows, which are then put
// together from slices of time.
func (w *Window) Overlaps() bool {
	return w.Kind == Cumulate || w.Kind == Hop && w.Size > w.Slide
}

// Sliced reports whether the windows of n are put together from slices of time:
// those that overlap, and those that are emitted while they are open.
func (n *Aggregate) Sliced() bool {
	return n.Window != nil && n.Window.Kind != Session && (n.Every > 0 || n.Window.Overlaps())
}

// Cells returns the windows of TUMBLE, of HOP where they do not overlap, and those
// that the rows come from.
func (w *Window) Cells() window.Cells {
	if w.Kind == Attached {
		return window.Ends{Step: w.Slide, Offset: w.Offset}
	}
	if w.Zone == "" {
		return window.Tumble{Size: w.Size, Offset: w.Offset}
	}
	return window.NewCalendar(w.location(), w.Size, w.Offset)
}

// Grid returns the windows of TUMBLE, HOP and CUMULATE, and those that the rows come from, by
// the last instants of these.
func (w *Window) Grid() window.Grid {
	switch {
	case w.Kind == Attached:
		return window.NewSide(window.Instants{Ends: window.Ends{Step: w.Slide, Offset: w.Offset}})
	case !w.Overlaps():
		return window.NewSide(w.Cells())
	case w.Kind == Cumulate && w.Zone == "":
		return window.NewCumulate(w.Slide, w.Size, w.Offset)
	case w.Kind == Cumulate:
		return window.NewZonedCumulate(w.location(), w.Slide, w.Size, w.Offset)
	case w.Zone == "":
		return window.NewHop(w.Slide, w.Size, w.Offset)
	}
	return window.NewZonedHop(w.location(), w.Slide, w.Size, w.Offset)
}

// location returns the time zone.
func (w *Window) location() *time.Location {
	loc, err := data.LoadZone(w.Zone)
	if err != nil { // the binder has seen to it
		return time.UTC
	}
	return loc
}

// LastEnd returns a function from the time of a row to the end of the last window
// that it belongs to, all in microseconds: the row is late for all of them when
// that has closed. Of a session it is the end of one with the row alone.
func (w *Window) LastEnd() func(t int64) int64 {
	switch {
	case w.Kind == Session:
		return func(t int64) int64 { return t + w.Gap }
	case !w.Overlaps():
		return w.Cells().NextEnd
	}
	grid := w.Grid()
	return func(t int64) int64 { return grid.LastEnd(grid.Pane(t)) }
}
