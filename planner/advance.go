package planner

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// advance is an ADVANCE WATERMARK as one stream in memory has it: behind the rows of
// its first inserts.
type advance struct {
	statement *parser.Advance
	file      *source.File
	inserts   int
	to        int64 // microseconds
}

const advanceForm = "write ADVANCE WATERMARK FOR name TO '2026-01-05T10:00:00Z'"

// noteAdvance carries out ADVANCE WATERMARK: it acts where it stands among the INSERTs
// of a stream in memory. What is read by a connector is not read statement by statement.
func (b *binder) noteAdvance(a *parser.Advance) {
	to, ok := b.constantInstant(a.To, "the time of ADVANCE WATERMARK", advanceForm)
	targets, known := b.advanced(a)
	if !ok || !known {
		return
	}
	for _, r := range targets {
		n := 0
		if f := b.filled[r]; f != nil {
			n = len(f.inserts)
		}
		b.advances[r] = append(b.advances[r], advance{a, b.file, n, to})
	}
}

// advanced returns the streams whose watermark is moved.
func (b *binder) advanced(a *parser.Advance) ([]*catalog.Relation, bool) {
	if a.For == nil {
		return b.advancedAll(a)
	}
	r := b.cat.Lookup(a.For.Text)
	switch {
	case r == nil && b.broken[strings.ToLower(a.For.Text)]:
	case r == nil:
		b.errorf(a.For.Span(), b.nearRelation(a.For.Text), "there is no stream %s", a.For.Text)
	case !r.InMemory():
		b.errorf(a.For.Span(), "leave it out; or declare "+r.Name+" without WITH, and fill it by INSERT … VALUES",
			"%s is read by its connector, and not statement by statement: a script cannot say behind which row its watermark is to be advanced", r.Name)
	case r.Watermark == nil:
		b.errorf(a.For.Span(), "declare one in its CREATE STREAM", "%s has no watermark to advance", r.Name)
	default:
		return []*catalog.Relation{r}, true
	}
	return nil, false
}

// advancedAll returns all streams that have been declared so far, which must be in memory.
func (b *binder) advancedAll(a *parser.Advance) (list []*catalog.Relation, ok bool) {
	for _, r := range b.cat.Relations() {
		switch {
		case r.InMemory() && r.Watermark != nil:
			list = append(list, r)
		case !r.InMemory() && r.Use != catalog.SinkOnly && (r.Watermark != nil || b.pending[r] != nil):
			b.errorf(a.Span(), "name the stream: ADVANCE WATERMARK FOR … TO …", "ADVANCE WATERMARK is for every stream here, and %s is read by its connector, and not statement by statement", r.Name)
			return nil, false
		}
	}
	if len(list) == 0 {
		b.errorf(a.Span(), "declare one before it: CREATE STREAM s (ts TIMESTAMP, …, WATERMARK FOR ts AS ts)", "there is no stream in memory whose watermark could be advanced")
	}
	return list, len(list) > 0
}

// floors returns the advances of a stream in memory by the rows that they stand behind.
// All that fills it must be lists of rows, whose number is known.
func (b *binder) floors(r *catalog.Relation) ([]plan.Floor, bool) {
	var inserts []*inserting
	if f := b.filled[r]; f != nil {
		inserts = f.inserts
	}
	var floors []plan.Floor
	for _, a := range b.advances[r] {
		floors = append(floors, plan.Floor{To: a.to})
	}
	if floors == nil {
		return nil, true
	}
	for i, in := range inserts {
		n, ok := listed(in)
		if !ok {
			return nil, false // said by checkAdvances
		}
		for k, a := range b.advances[r] {
			if i < a.inserts {
				floors[k].Rows += n
			}
		}
	}
	return floors, true
}

// listed returns how many rows an INSERT … VALUES has; false for others.
func listed(in *inserting) (int64, bool) {
	q := in.query
	v := q.First.Values
	if v == nil || len(q.With) > 0 || len(q.Rest) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil {
		return 0, false
	}
	return int64(len(v.Rows)), true
}

// checkAdvances refuses advances of streams whose rows come as the script runs.
func (b *binder) checkAdvances() {
	for _, r := range b.cat.Relations() {
		f := b.filled[r]
		if f == nil || len(b.advances[r]) == 0 {
			continue
		}
		if i := slices.IndexFunc(f.inserts, func(in *inserting) bool { _, ok := listed(in); return !ok }); i >= 0 {
			first := b.advances[r][0]
			b.errs.Errorf(first.file, first.statement.Span(), "fill "+r.Name+" by INSERT … VALUES alone, or leave ADVANCE WATERMARK out",
				"%s is also filled by a query, whose rows come while the script runs: a script cannot say behind which of them its watermark is to be advanced", r.Name)
		}
	}
}

// constantInstant evaluates a timestamp that is known before the script runs.
func (b *binder) constantInstant(e *parser.Expr, what, hint string) (int64, bool) {
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	if k := x.Type().Kind; k == data.String || k == data.Date {
		cast, err := expr.NewCast(x, timestamp, false, e.Span())
		if x = b.check(cast, err, e.Span()); x == nil {
			return 0, false
		}
	}
	l := b.literalOf(e, x, data.Timestamp, what, hint)
	if l == nil {
		return 0, false
	}
	return l.Value.Ints[0], true
}
