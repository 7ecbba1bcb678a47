package querytest

import (
	"context"
	"sync/atomic"

	"tidemark/operators"
	"tidemark/operators/data"
)

// capture is the sink of a query under test: it keeps every change.
type capture struct {
	name string
	key  []int // of the table that it stands for; nil for none
	log  *rows
	// seen is how many changes the last EXPECT CHANGES has seen.
	seen int
}

func newCapture(name string, schema data.Schema, key []int) *capture {
	return &capture{name: name, key: key, log: newRows(schema)}
}

// resume makes a new capture go on behind the first changes of an old one.
func (c *capture) resume(old *capture, changes int) {
	for i := range changes {
		c.log.add(old.log.cols, i, old.log.changes[i])
	}
	c.seen = old.seen
}

// Write implements connectors.Sink.
func (c *capture) Write(_ context.Context, b *data.Batch) error {
	c.log.addBatch(b)
	return nil
}

// Flush implements connectors.Sink.
func (c *capture) Flush(context.Context) error { return nil }

// Close implements connectors.Sink.
func (c *capture) Close() error { return nil }

// content returns what the changes come to.
func (c *capture) content() *rows { return c.log.folded(c.key) }

// operatorsAccount is a copy of an operators.Account.
type operatorsAccount struct{ filtered, late, partlyLate, missedBy int64 }

// counters returns the accounts of the program, in the same order each time.
func (b *bench) counters() []*operators.Account {
	var list []*operators.Account
	seen := map[*operators.Account]bool{}
	for _, st := range b.program.Statements {
		for _, a := range st.Accounts {
			if !seen[a.Of] {
				seen[a.Of] = true
				list = append(list, a.Of)
			}
		}
	}
	return list
}

// accounts copies what has been counted.
func (b *bench) accounts() []operatorsAccount {
	var list []operatorsAccount
	for _, a := range b.counters() {
		list = append(list, operatorsAccount{a.Filtered.Load(), a.Late.Load(), a.PartlyLate.Load(), a.MissedBy.Load()})
	}
	return list
}

// restoreAccounts sets what a checkpoint had counted.
func (b *bench) restoreAccounts(saved []operatorsAccount) {
	for i, a := range b.counters() {
		for _, x := range []struct {
			to *atomic.Int64
			n  int64
		}{{&a.Filtered, saved[i].filtered}, {&a.Late, saved[i].late}, {&a.PartlyLate, saved[i].partlyLate}, {&a.MissedBy, saved[i].missedBy}} {
			x.to.Store(x.n)
		}
	}
}
