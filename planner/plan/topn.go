package plan

import (
	"math"
	"slices"
	"strconv"

	"tidemark/operators/data"
)

// TopN keeps the first N rows of each partition: what is left of an Over with a
// ROW_NUMBER alone behind a condition that this is N at most. Its output has the
// columns of the input and, with Number, that of the row's number.
type TopN struct {
	Input Node
	// As of Over.
	Partition   []int
	Order       []SortKey
	Peers       int
	ArrivalDesc bool
	Time        int      // of OverPassed
	Emit        OverEmit // OverPassed, OverClosed or OverChanges
	WindowEnd   int      // of OverClosed, as Inclusive
	Inclusive   bool
	Lateness    int64
	NeedTime    bool
	// TTL is for how long a partition without windows is remembered behind its last
	// row, by the watermark, microseconds; 0 is for good.
	TTL int64

	Late   *LateRows // as of Over
	N      int
	Number bool
	Name   string // of the number
}

// Schema returns the input's columns and the number's.
func (n *TopN) Schema() data.Schema {
	s := append(data.Schema(nil), n.Input.Schema()...)
	for i := range s {
		s[i].Time = s[i].Time && !n.Timeless() // rows of any age may come again
	}
	if n.Number {
		s = append(s, data.Column{Name: n.Name, Type: data.Of(data.BigInt)})
	}
	return s
}

// Inputs returns the one input.
func (n *TopN) Inputs() []Node { return []Node{n.Input} }

// Corrects reports whether rows that were emitted may change.
func (n *TopN) Corrects() bool {
	updating := n.Input.Properties().Updating
	return updating || n.Emit == OverChanges && len(n.Order) > 0 || n.Emit == OverClosed && n.Lateness > 0
}

// Timeless reports whether rows may change however far the watermark has passed them.
func (n *TopN) Timeless() bool { return n.Emit == OverChanges && n.Corrects() }

// Replaces reports whether a row that comes among the first is an update of the one
// that leaves them: where nothing else tells the two apart.
func (n *TopN) Replaces() bool { return n.N == 1 || KeyParts(n.Input) == nil }

// Properties of a TopN: without numbers a row of the result may leave it.
func (n *TopN) Properties() Properties {
	in := n.Input.Properties()
	p := Properties{Updating: n.Corrects(), Key: key(n), Time: TimeOf(n.Schema()), State: n.state()}
	p.Deletes = p.Updating && (in.Updating || !n.Number && !n.Replaces())
	return p
}

// keyChoices are what identifies a row: its partition, with its number where there are
// several; or, where nobody sees the numbers, what identifies it in the input.
func (n *TopN) keyChoices() []keyChoice {
	s, parts := n.Schema(), n.partitionParts()
	number := len(s) - 1
	switch {
	case n.N == 1:
		return []keyChoice{{parts: parts}}
	case !n.Number:
		if in := KeyParts(n.Input); in != nil {
			return []keyChoice{{parts: in}}
		}
		return nil
	}
	choices := []keyChoice{{parts: append(parts, KeyPart{n.Name, []int{number}})}}
	if in := KeyParts(n.Input); in != nil {
		choices = append(choices, keyChoice{parts: in, unseen: []int{number}})
	}
	return choices
}

// partitionParts are the parts of what identifies a partition. Where one bound of a
// window tells the other it is one of them.
func (n *TopN) partitionParts() []KeyPart {
	s, parts := n.Schema(), []KeyPart{}
	c := WindowColumnsOf(n.Input)
	whole := c != nil && slices.Contains(n.Partition, c.Start) && slices.Contains(n.Partition, c.End) && (c.Fixed || !c.Inclusive)
	for _, k := range n.Partition {
		switch {
		case whole && k == c.Start && c.Fixed:
			parts = append(parts, KeyPart{s[k].Name, []int{c.Start, c.End}})
		case whole && (k == c.Start || k == c.End && c.Fixed):
		default:
			parts = append(parts, KeyPart{s[k].Name, []int{k}})
		}
	}
	return parts
}

// keyed reports whether there are several partitions, or several of one window.
func (n *TopN) keyed() bool {
	c := WindowColumnsOf(n.Input)
	return slices.ContainsFunc(n.Partition, func(k int) bool {
		return n.Emit != OverClosed || c == nil || k != c.Start && k != c.End && k != c.Time
	})
}

// rows says how many rows there are of what.
func (n *TopN) rows() string {
	what := "one row"
	if n.N > 1 {
		what = strconv.Itoa(n.N) + " rows"
	}
	if n.keyed() {
		what += " of each key"
	}
	return what
}

// state says what a TopN remembers, and for how long.
func (n *TopN) state() string {
	if n.TTL > 0 {
		return n.remembers() + ", each for " + Duration(n.TTL) + " after its last row"
	}
	return n.remembers()
}

// remembers says what a TopN remembers.
func (n *TopN) remembers() string {
	updating := n.Input.Properties().Updating
	switch {
	case n.Emit == OverPassed && n.N == 1:
		return kept("rows until the watermark has passed them", n.Lateness) + ", the keys"
	case n.Emit == OverPassed:
		return kept("rows until the watermark has passed them", n.Lateness) + ", how many there were" + map[bool]string{true: " of each key"}[len(n.Partition) > 0]
	case n.Emit == OverClosed && updating:
		return kept("the rows of each open window", n.Lateness)
	case n.Emit == OverClosed:
		return kept(n.rows()+" in each open window", n.Lateness)
	case updating:
		return "all rows"
	}
	return n.rows()
}

func describeTopN(n *TopN) (string, []string) {
	in := n.Input.Schema()
	title := "Top " + strconv.Itoa(n.N)
	if n.N == 1 {
		title = "First row"
	}
	if len(n.Partition) > 0 {
		title += " by " + columnList(in, n.Partition)
	}
	if n.Peers > 0 {
		title += " in order of " + sortKeys(in, n.Order[:n.Peers])
	}
	var details []string
	if n.Number {
		details = append(details, "computes: "+n.Name)
	}
	emits := map[OverEmit]string{
		OverPassed: "a row once, when the watermark has passed it", OverClosed: "a window when it closes", OverChanges: "CHANGES",
	}[n.Emit]
	return title, n.Late.describe(append(details, "emits: "+emits))
}

// topState says what a TopN keeps under a load, as far as that does not hang on how
// its input changes.
func (l Load) topState(n *TopN) []string {
	updating := n.Input.Properties().Updating
	lines := []string{"state: " + n.state()}
	switch {
	case n.Emit == OverPassed:
		wait := float64(delay(n.Input) + n.Lateness)
		lines[0] += "; at most " + countOf(int64(math.Ceil(l.rate(n.Input)*wait/1e6)), "row") + " at once"
	case !updating:
		rows := int64(n.N)
		if n.keyed() {
			rows *= l.Keys
		}
		lines[0] += "; at most " + countOf(rows, "row") + " = " + size(rows*(rowWidth(n.Input.Schema())+4))
		if n.Emit == OverClosed {
			lines[0] += " in a window"
		}
	}
	switch {
	case !unbounded(n):
	case updating:
		lines = append(lines, "warning: "+grows)
	default:
		lines = append(lines, "warning: a key stays for ever: "+grows+", when ever new keys come")
	}
	return lines
}

// watermarkLines say what a TopN waits for, and how it passes the watermark W on.
func (n *TopN) watermarkLines() []string {
	s := n.Input.Schema()
	var lines []string
	switch {
	case n.Emit == OverPassed:
		from := s[n.Time].Name + plus(n.Lateness)
		lines = []string{"waits for: W > " + from + "; a row is emitted then, if it is among the first", "a row before W" + plus(-n.Lateness) + " is late"}
	case n.Emit == OverClosed:
		end := s[n.WindowEnd].Name
		closes, gone := "W >= "+end, "a row for a window that has closed is late"
		if n.Inclusive {
			closes = "W > " + end
		}
		if n.Lateness > 0 {
			gone = "keeps a window until W > " + end + plus(n.Lateness) + "; what comes for one that is kept corrects it"
		}
		lines = []string{"waits for: " + closes + "; the first rows of a window are emitted then", gone}
	default:
		lines = []string{"waits for: nothing; each row changes the result at once"}
	}
	if n.TTL > 0 {
		lines = append(lines, "forgets a key when W has moved on by more than "+Duration(n.TTL)+" since its last row")
	}
	if n.Emit == OverPassed && n.Lateness > 0 {
		return append(lines, "passes on: W"+plus(-n.Lateness))
	}
	return append(lines, "passes on: W as it comes")
}
