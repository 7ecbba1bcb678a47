package window

// Cells cut time into stretches [start, end) that lie side by side: the windows
// of TUMBLE, and what the bounds of other windows are told by.
//
// Cells may remember what they were last asked; one goroutine at a time.
type Cells interface {
	// Start returns the start of the cell that holds ts. That of the first cell
	// of all is the least int64.
	Start(ts int64) int64
	// End returns the end of the cell that starts at start, at most data.MaxTime.
	End(start int64) int64
	// NextEnd returns the least end of a cell above ts, at most data.MaxTime.
	NextEnd(ts int64) int64
	// Index returns the number of the cell that holds ts. Cells that come later
	// have greater numbers; some numbers may have no cell.
	Index(ts int64) int64
	// At returns the start of the cell with a number that Index gives.
	At(index int64) int64
}
