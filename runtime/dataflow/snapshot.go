package dataflow

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"tidemark/operators"
	"tidemark/operators/data"
)

// accountsOf returns what the stateless operators behind a producer count in.
func accountsOf(edges []*Edge) []*operators.Account {
	var all []*operators.Account
	for _, e := range edges {
		all = append(all, e.Accounts...)
		all = append(all, accountsOf(e.Split)...)
	}
	return all
}

// saveAccounts saves what has been counted by those whom the barrier passes.
func (s *Snapshot) saveAccounts(list []*operators.Account) {
	for _, a := range list {
		i := slices.IndexFunc(s.accounts, func(x Account) bool { return x.Account == a })
		if i < 0 {
			continue
		}
		s.save(accountPart+s.accounts[i].Name, func(e *data.Encoder) {
			for _, n := range counts(a) {
				e.Varint(n.Load())
			}
		})
	}
}

const accountPart = "account "

// counts lists what is to be remembered of an account. Windows that are open are counted
// by those who have them.
func counts(a *operators.Account) []*atomic.Int64 {
	return []*atomic.Int64{&a.Filtered, &a.Repeated, &a.Late, &a.PartlyLate, &a.MissedBy}
}

// sinkID names a sink in snapshots.
func (g *graph) sinkID(s *Sink) string {
	same := 0
	for _, other := range g.sinks[:slices.Index(g.sinks, s)] {
		if other.Name == s.Name {
			same++
		}
	}
	return fmt.Sprintf("sink %s #%d", s.Name, same+1)
}

// complete adds to a snapshot what is known when its barrier has passed everybody: what
// the flow consists of, and what nobody was there to save, as it had ended.
func (r *Running) complete(s *Snapshot) {
	for _, a := range r.flow.Accounts {
		if s.part(accountPart+a.Name) == nil {
			s.saveAccounts([]*operators.Account{a.Account})
		}
	}
	for _, sink := range r.flow.Sinks {
		if id := r.g.sinkID(sink); s.part(id) == nil {
			s.save(id, func(e *data.Encoder) { e.Varint(sink.Rows.Load()) })
		}
	}
	s.save(planPart, func(e *data.Encoder) {
		nodes := r.flow.remembered()
		e.Uvarint(uint64(len(nodes)))
		for node, lateness := range nodes {
			e.Text([]byte(node))
			e.Varint(lateness)
		}
	})
}

// Ended returns the snapshot of a flow that has ended: what was counted, of which sources
// and operators.
func (r *Running) Ended() *Snapshot {
	s := newSnapshot()
	s.accounts = r.flow.Accounts
	r.complete(s)
	return s
}

const planPart = "plan"

// restoreCounts gives accounts and sinks back what they had counted.
func (r *Running) restoreCounts(from *Snapshot) {
	for _, a := range r.flow.Accounts {
		if d := from.part(accountPart + a.Name); d != nil {
			for _, n := range counts(a.Account) {
				n.Store(d.Varint())
			}
		}
	}
	for _, s := range r.flow.Sinks {
		if d := from.part(r.g.sinkID(s)); d != nil {
			s.Rows.Store(d.Varint())
		}
	}
}

// ChangedError says that a snapshot is of a flow that remembers other things.
type ChangedError struct {
	// Gone describes what is remembered and nobody needs any more, New who needs what
	// was not remembered, and Less who remembers for a shorter time than is to be.
	Gone, New, Less []string
}

// Error lists the differences.
func (e *ChangedError) Error() string {
	var parts []string
	for _, x := range []struct {
		list []string
		text string
	}{{e.Gone, "gone: "}, {e.New, "new: "}, {e.Less, "with less lateness than before: "}} {
		if len(x.list) > 0 {
			parts = append(parts, x.text+strings.Join(x.list, " | "))
		}
	}
	return "the query is not the one that the checkpoint was made of: " + strings.Join(parts, "; ")
}

// Hint says what may change.
func (e *ChangedError) Hint() string {
	return "sinks, projections, workers, the delay of watermarks and a longer ALLOWED LATENESS may change between two runs; for another query use another --checkpoint-dir"
}

// remembered returns the sources, conditions and operators of a flow by their names in
// snapshots, with their lateness.
func (f *Flow) remembered() map[string]int64 {
	nodes, counts, seen := map[string]int64{}, map[string]int{}, map[any]bool{}
	var walk func(edges []*Edge)
	walk = func(edges []*Edge) {
		for _, e := range terminals(edges) {
			switch k := e.Keyed; {
			case k != nil && !seen[k]:
				seen[k] = true
				counts[k.Name]++
				nodes[fmt.Sprintf("%s #%d", k.Name, counts[k.Name])] = k.Lateness
				walk([]*Edge{k.Next})
				if k.Late != nil {
					walk([]*Edge{k.Late.Next})
				}
			case e.Union != nil && !seen[e.Union]:
				seen[e.Union] = true
				walk([]*Edge{e.Union.Next})
			}
		}
	}
	for _, c := range f.Conditions {
		counts[c]++
		nodes[fmt.Sprintf("%s #%d", c, counts[c])] = 0
	}
	for _, s := range f.Sources {
		counts["source "+s.Name]++
		nodes[fmt.Sprintf("source %s #%d", s.Name, counts["source "+s.Name])] = 0
		walk(s.Edges)
	}
	return nodes
}

// Compare reports whether the sources, conditions and operators of a flow are those that a
// snapshot is of, nil being of any: a *ChangedError when they are not.
func (f *Flow) Compare(from *Snapshot) error {
	d := from.part(planPart)
	if d == nil {
		return nil
	}
	e, saved, nodes := &ChangedError{}, map[string]bool{}, f.remembered()
	for range d.Count(2) { // what it is made of
		node, lateness := string(d.Text()), d.Varint()
		saved[node] = true
		now, ok := nodes[node]
		switch {
		case !ok:
			e.Gone = append(e.Gone, nodeText(node))
		case now < lateness:
			e.Less = append(e.Less, nodeText(node))
		}
	}
	for node := range nodes {
		if !saved[node] {
			e.New = append(e.New, nodeText(node))
		}
	}
	if len(e.Gone)+len(e.New)+len(e.Less) == 0 {
		return nil
	}
	slices.Sort(e.Gone)
	slices.Sort(e.New)
	slices.Sort(e.Less)
	return e
}

// nodeText is the name of an operator for messages.
func nodeText(node string) string {
	if i := strings.LastIndex(node, " #"); i >= 0 {
		node = node[:i]
	}
	node, _, _ = strings.Cut(node, "; makes ")
	return node
}
