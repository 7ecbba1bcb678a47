package build

import (
	"fmt"
	"slices"

	"tidemark/operators"
	"tidemark/planner/plan"
	"tidemark/runtime/dataflow"
)

// account returns where node n counts the rows it drops; nil where the rows are
// not those of a source any more: a HAVING drops none of those.
func (b *builder) account(n plan.Node) *operators.Account {
	copies := false
	for _, in := range n.Inputs() {
		if !ofSource(in) {
			return nil
		}
		copies = copies || repeated(in)
	}
	if _, isFilter := n.(*plan.Filter); isFilter && copies {
		return nil // the row itself is there all the same
	}
	return b.accountOf(n, copies)
}

// accountOf returns the account of a node, which counts copies of rows or the rows
// themselves.
func (b *builder) accountOf(n plan.Node, copies bool) *operators.Account {
	a := b.accounts[n]
	if a == nil {
		a = &operators.Account{Copies: copies}
		b.accounts[n] = a
		name := plan.Title(n)
		b.counted[name]++
		b.program.Flow.Accounts = append(b.program.Flow.Accounts, dataflow.Account{Name: fmt.Sprintf("%s %d", name, b.counted[name]), Account: a})
	}
	return a
}

// ofSource reports whether each row of n is a row of a source.
func ofSource(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate, *plan.Upsert, *plan.IntervalJoin, *plan.Join, *plan.FrameJoin:
		return false
	case *plan.LateData:
		return true
	case *plan.TopN: // which leaves rows out
		return false
	case *plan.Over:
		if n.Corrects || n.MostRank > 0 { // which leaves rows out as well
			return false
		}
	case *plan.Sort:
		if len(n.Keys) > 0 || n.Input.Properties().Updating {
			return false
		}
	}
	for _, in := range n.Inputs() {
		if !ofSource(in) {
			return false
		}
	}
	return true
}

// repeated reports whether a row of a source may come several times to n: once for
// each of its windows.
func repeated(n plan.Node) bool {
	if w, ok := n.(*plan.Windowed); ok && w.Window.Overlaps() {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), repeated)
}

// Tally is what a statement reads and where its rows are counted.
type Tally struct {
	Sources  []Use[*dataflow.Source]
	Accounts []Use[*operators.Account]
	// Late are operators whose late rows the statement reads.
	Late []Use[LateRows]
}

// LateRows are the late rows of an operator: Account counts them, From names what they
// are of.
type LateRows struct {
	Account *operators.Account
	From    string
}

// Use is something on the ways from the sources to a sink. Times is on how many
// of them it is: a statement that reads a source twice has each of its rows twice.
type Use[T any] struct {
	Of    T
	Times int64
}

func addUses[T comparable](to, more []Use[T]) []Use[T] {
next:
	for _, u := range more {
		for i := range to {
			if to[i].Of == u.Of {
				to[i].Times += u.Times
				continue next
			}
		}
		to = append(to, u)
	}
	return to
}

// tally adds up n and what is below it. done has the parts that are shared.
func (b *builder) tally(n plan.Node, done map[*plan.Shared]*Tally) *Tally {
	shared, isShared := n.(*plan.Shared)
	if isShared && done[shared] != nil {
		return done[shared]
	}
	t := &Tally{}
	if l, ok := n.(*plan.LateData); ok { // rows that others read, and count
		t.Late = []Use[LateRows]{{LateRows{b.accounts[l.LateOperator()], l.From}, 1}}
		return t
	}
	for _, in := range n.Inputs() {
		below := b.tally(in, done)
		t.Sources = addUses(t.Sources, below.Sources)
		t.Accounts = addUses(t.Accounts, below.Accounts)
		t.Late = addUses(t.Late, below.Late)
	}
	if s := b.leaves[n]; s != nil {
		t.Sources = addUses(t.Sources, []Use[*dataflow.Source]{{s, 1}})
	}
	if a := b.accounts[n]; a != nil {
		t.Accounts = addUses(t.Accounts, []Use[*operators.Account]{{a, 1}})
	}
	if isShared {
		done[shared] = t
	}
	return t
}
