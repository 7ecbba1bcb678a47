package plan

import "tidemark/operators/data"

// Windowed puts each row into its windows, which do not group it: the output has the
// input's columns, then window_start, window_end and window_time. A row of several
// windows comes once for each, in the order of their ends.
type Windowed struct {
	Input  Node
	Window *Window // TUMBLE, HOP or CUMULATE
	Time   int     // input column with the event time
	Out    data.Schema
}

// Schema returns the input's columns and the window's.
func (n *Windowed) Schema() data.Schema { return n.Out }

// Inputs returns the one input.
func (n *Windowed) Inputs() []Node { return []Node{n.Input} }

// Properties of a Windowed: it repeats what its input does.
func (n *Windowed) Properties() Properties {
	p := n.Input.Properties()
	p.State, p.Key = "", key(n)
	p.Deletes = p.Deletes || p.Updating && n.Window.Overlaps()
	return p
}

// keyParts are those of the input and the window, where a row has several.
func (n *Windowed) keyParts() []KeyPart {
	parts := KeyParts(n.Input)
	if parts == nil || !n.Window.Overlaps() {
		return parts
	}
	first := len(n.Out) - 3
	window := KeyPart{"window_start", []int{first, first + 1, first + 2}}
	if n.Window.Kind == Cumulate { // several start together
		window = KeyPart{"window_end", []int{first + 1, first + 2}}
	}
	return append(append([]KeyPart(nil), parts...), window)
}

// Attach returns the window of an Aggregate that groups rows of windows by these,
// which c describes: each closes with the window that it was. starts says that the
// first key of the Aggregate is the start of the window.
func (c *WindowColumns) Attach(starts bool) *Window {
	return &Window{Kind: Attached, Slide: c.Step, Offset: c.Offset, Inclusive: c.Inclusive, Starts: starts, Fixed: c.Fixed, Size: c.Size}
}
