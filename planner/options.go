package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

// usage says what a script uses a relation as.
type usage struct{ source, sink bool }

// use notes that a relation is read or, with sink, written.
func (b *binder) use(r *catalog.Relation, sink bool) {
	u := b.used[r]
	if u == nil {
		u = &usage{}
		b.used[r] = u
	}
	u.source, u.sink = u.source || !sink, u.sink || sink
}

// options reads the WITH clause.
func (b *binder) options(list []*parser.Option) (opts []catalog.Option, ok bool) {
	ok = true
	seen := map[string]bool{}
	for _, o := range list {
		key, value := strings.ToLower(o.Key.Text), ""
		l, isLiteral := o.Value.X.(*parser.Literal)
		if isLiteral = isLiteral && l.Kind != parser.NullLiteral; isLiteral {
			if value = l.Text; l.Kind == parser.BoolLiteral {
				value = strings.ToLower(value)
			}
			key, value = ownOption(key, value)
		}
		if seen[key] {
			b.errorf(o.Key.Span(), "leave one of them out", "the option %s is given twice", key)
			ok = false
		}
		seen[key] = true
		if !isLiteral {
			b.errorf(o.Value.Span(), "write it as "+key+" = '…'", "the value of the option %s must be a constant", key)
			ok = false
			continue
		}
		opts = append(opts, catalog.Option{Key: key, Value: value, Span: o.Span()})
	}
	return opts, ok
}

// checkOptions holds the options of every relation that the script uses or
// declares against its connector.
func (b *binder) checkOptions() {
	relations := b.created
	for _, r := range b.cat.Relations() {
		if b.used[r] != nil && !isIn(r, relations) {
			relations = append(relations, r)
		}
	}
	for _, r := range relations {
		b.checkDeadLetter(r)
	}
	for _, r := range relations {
		if r.InMemory() {
			continue
		}
		if u := b.used[r]; u != nil {
			if u.source {
				b.reportOptions(r, b.conns.CheckOptions(r, false))
			}
			if u.sink {
				b.reportOptions(r, b.conns.CheckOptions(r, true))
			}
			continue
		}
		// Not used: it must be good for something.
		if len(r.Options) == 0 {
			continue
		}
		asSource, asSink := b.conns.CheckOptions(r, false), b.conns.CheckOptions(r, true)
		switch {
		case r.Use == catalog.SourceOnly:
			b.reportOptions(r, asSource)
		case r.Use == catalog.SinkOnly:
			b.reportOptions(r, asSink)
		case len(asSource) > 0 && len(asSink) > 0:
			b.reportOptions(r, asSource)
		}
	}
}

func isIn(r *catalog.Relation, list []*catalog.Relation) bool {
	for _, x := range list {
		if x == r {
			return true
		}
	}
	return false
}

// reportOptions reports problems, each at its option where there is one. What
// was reported for the relation as a source is not repeated for it as a sink.
func (b *binder) reportOptions(r *catalog.Relation, problems []catalog.OptionProblem) {
	for _, p := range problems {
		at := r.Span
		for _, o := range r.Options {
			if p.Key != "" && strings.EqualFold(o.Key, p.Key) {
				at = o.Span
			}
		}
		if !reported(*b.errs, r.File, at, p.Message) {
			b.errs.Errorf(r.File, at, p.Hint, "%s", p.Message)
		}
	}
}

func reported(list source.List, f *source.File, at source.Span, message string) bool {
	for _, d := range list {
		if d.File == f && d.Span == at && d.Message == message {
			return true
		}
	}
	return false
}

// letterColumns are the columns that a stream of dead letters may have.
var letterColumns = []string{"source", "input", "line", "reason", "record"}

// checkDeadLetter checks where a source sends the records it cannot decode.
func (b *binder) checkDeadLetter(r *catalog.Relation) {
	u := b.used[r]
	if u == nil || !u.source || !strings.EqualFold(r.Option("on_error"), "dead_letter") {
		return
	}
	name, at := "", r.Span
	for _, o := range r.Options {
		if o.Key == "dead_letter" {
			name, at = o.Value, o.Span
		}
	}
	target := b.cat.Lookup(name)
	switch {
	case name == "":
		b.errs.Errorf(r.File, at, "add dead_letter = 'name' with the name of a stream that has some of the columns "+strings.Join(letterColumns, ", "),
			"on_error = 'dead_letter' needs to know where the bad records of %s go", r.Name)
	case target == nil:
		if !b.broken[strings.ToLower(name)] {
			b.errs.Errorf(r.File, at, b.nearRelation(name), "dead_letter: there is no stream %s", name)
		}
	default:
		b.use(target, true)
		for _, c := range target.Schema {
			want := data.Of(data.String)
			known := false
			for _, n := range letterColumns {
				known = known || strings.EqualFold(n, c.Name)
			}
			if strings.EqualFold(c.Name, "line") {
				want = data.Of(data.BigInt)
			}
			if !known {
				b.errs.Errorf(r.File, at, "its columns may be "+strings.Join(letterColumns, ", "), "dead_letter: %s has a column %s, which a bad record does not fill", target.Name, c.Name)
			} else if c.Type != want {
				b.errs.Errorf(r.File, at, "declare it as "+want.String(), "dead_letter: column %s of %s must be %s, not %s", c.Name, target.Name, want, c.Type)
			}
		}
	}
}
