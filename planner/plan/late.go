package plan

import "tidemark/operators/data"

// LateWhat says what a column of LATE DATA TO holds.
type LateWhat uint8

// What the columns of a row that came too late hold.
const (
	LateValue     LateWhat = iota // a column of the row
	LateBy                        // late_by: the watermark less the row's time
	LateMissedBy                  // missed_by: the watermark less window_end
	LateWatermark                 // watermark: as it stood before the row
	LateStart                     // window_start and window_end: of the window that was missed last
	LateEnd
	LateReason // reason
)

// LateColumn is one column of LATE DATA TO.
type LateColumn struct {
	What LateWhat
	// From is, of a LateValue, the input column: of a join that of each side, -1 where
	// a side has none; of others the second is -1.
	From [2]int
}

// LateRows says what an operator hands on of the rows of a source that it does not
// use because they came too late: LATE DATA TO.
type LateRows struct {
	// Columns describe the rows; of a LateValue From has columns of the input, and of
	// an IntervalJoin of each side.
	Columns []LateColumn
	Out     data.Schema
	// To is the stream's name, empty where the rows are counted alone.
	To string
	// Of windows that the rows come from: Time is the input column with a
	// row's own time, -1 where that is what the operator goes by. Where a row comes once for
	// each of its windows, Last is a BOOLEAN input column which is true of the last of them:
	// a row that is late for that one is late for all. Otherwise it is -1.
	Time, Last int
}

// describe adds to the lines about an operator where its late rows go; l may be nil.
func (l *LateRows) describe(lines []string) []string {
	if l == nil || l.To == "" {
		return lines
	}
	return append(lines, "late rows: to "+l.To)
}

// LateData is the rows that the operator below, an Aggregate, IntervalJoin, Over or TopN, does
// not use. The operator's own result is a Shared where somebody wants that too.
type LateData struct {
	Input Node
	// From names what the rows are of, for the summary of a run.
	From string
	Out  data.Schema
}

// LateOperator returns the operator that n's rows come from.
func (n *LateData) LateOperator() Node {
	if s, ok := n.Input.(*Shared); ok {
		return s.Input
	}
	return n.Input
}

// Schema returns the rows' columns.
func (n *LateData) Schema() data.Schema { return n.Out }

// Inputs returns the operator.
func (n *LateData) Inputs() []Node { return []Node{n.Input} }

// Properties of LateData: it inserts, and its rows have neither a key nor an event
// time, as the watermark has passed them.
func (n *LateData) Properties() Properties { return Properties{Time: -1} }

// Moved returns the rows with the columns of the one input, or of the left and the
// right, at their new places; l may be nil.
func (l *LateRows) Moved(left, right []int) *LateRows {
	if l == nil {
		return nil
	}
	c := *l
	c.Columns = append([]LateColumn(nil), l.Columns...)
	for _, col := range []*int{&c.Time, &c.Last} {
		if *col >= 0 && left != nil {
			*col = left[*col]
		}
	}
	for i, col := range c.Columns {
		if col.What != LateValue {
			continue
		}
		for side, at := range [2][]int{left, right} {
			if from := col.From[side]; from >= 0 && at != nil {
				c.Columns[i].From[side] = at[from]
			}
		}
	}
	return &c
}

// Needs calls f for each input column that the rows have, with its side; l may be nil.
func (l *LateRows) Needs(f func(side, column int)) {
	if l == nil {
		return
	}
	for _, col := range l.Columns {
		if col.What != LateValue {
			continue
		}
		for side, from := range col.From {
			if from >= 0 {
				f(side, from)
			}
		}
	}
	for _, col := range [2]int{l.Time, l.Last} {
		if col >= 0 {
			f(0, col)
		}
	}
}
