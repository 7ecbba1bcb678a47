package planner

import (
	"errors"
	"fmt"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
	"tidemark/planner/plan"
)

// pendingRelation is a relation whose columns are to be read from its input, or
// taken from the query that fills it.
type pendingRelation struct {
	create *parser.CreateRelation // nil for a file named in FROM
	failed bool
}

// scan binds the reading of a relation.
func (b *binder) scan(r *catalog.Relation, at source.Span) (plan.Node, bool) {
	if r.Use == catalog.SinkOnly {
		b.errorf(at, "declare it with CREATE STREAM to write and to read it", "%s is declared as a SINK, which cannot be read", r.Name)
		return nil, false
	}
	if f := b.filled[r]; f != nil {
		return b.readFilled(f, at)
	}
	if !b.complete(r, nil) {
		return nil, false
	}
	if r.InMemory() && !b.fed {
		return b.received(r, &plan.Values{Out: r.Schema}, at)
	}
	if !b.checkPerfect(r) {
		return nil, false
	}
	b.use(r, false)
	scan := &plan.Scan{Relation: r, Time: -1, Changes: b.conns.Changes(r)}
	place := make([]int, len(r.Schema)) // of the relation's columns in the scan's output
	for i := range r.Schema {
		place[i] = -1
		if !r.IsComputed(i) {
			place[i] = len(scan.Columns)
			scan.Columns = append(scan.Columns, i)
		}
	}
	w := r.Watermark
	if w != nil {
		marks, ok := b.marks(r, w)
		if !ok {
			return nil, false
		}
		scan.Time, scan.Timing, scan.Marks = place[w.Column], w.Timing, marks
	}
	node := plan.Node(scan)
	if r.Computed != nil {
		p, ok := b.computed(r, scan, place)
		if !ok {
			return nil, false
		}
		node = p
	} else if scan.Marks != nil {
		scan.Marks = expr.Remap(scan.Marks, func(c int) int { return place[c] })
	}
	if r.Kind == catalog.Table {
		node = &plan.Upsert{Input: node, Key: r.Key}
	}
	return node, true
}

// computed adds the computed columns of a relation to a scan, which computes the
// event time itself where it is one of them.
func (b *binder) computed(r *catalog.Relation, scan *plan.Scan, place []int) (plan.Node, bool) {
	values, ok := b.computedColumns(r)
	if !ok {
		return nil, false
	}
	for i := range values {
		if values[i] != nil {
			values[i] = expr.Remap(values[i], func(c int) int { return place[c] })
		}
	}
	if scan.Marks != nil {
		read := columnsOr(values, r.Schema)
		for i, c := range place {
			if c >= 0 {
				read[i] = expr.NewColumn(c, r.Schema[i].Name, r.Schema[i].Type, r.Span)
			}
		}
		scan.Marks = substitute(scan.Marks, read)
	}
	if w := r.Watermark; w != nil && values[w.Column] != nil {
		scan.TimeExpr, scan.TimeName = values[w.Column], r.Schema[w.Column].Name
		scan.Time = len(scan.Columns)
		place[w.Column], values[w.Column] = scan.Time, nil
	}
	p := &plan.Project{Input: scan, Out: append(data.Schema(nil), r.Schema...)}
	for i, c := range r.Schema {
		e := values[i]
		if e == nil {
			e = expr.NewColumn(place[i], c.Name, c.Type, r.Span)
		}
		p.Exprs = append(p.Exprs, e)
		p.Out[i].Time = place[i] >= 0 && place[i] == scan.Time
	}
	return p, true
}

// computedColumns binds the expressions of a relation's computed columns over all
// its columns; nil for the others. Computed columns may use those before them.
func (b *binder) computedColumns(r *catalog.Relation) ([]expr.Expr, bool) {
	values := make([]expr.Expr, len(r.Schema))
	outer, file := b.outer, b.file
	b.outer, b.file = nil, r.File
	defer func() { b.outer, b.file = outer, file }()
	ok := true
	for i, d := range r.Computed {
		def, isExpr := d.(*parser.Expr)
		if !isExpr {
			continue
		}
		known := append(data.Schema(nil), r.Schema...)
		s := &scope{relation: r}
		for k := i; k < len(known); k++ {
			if r.IsComputed(k) {
				s.later = append(s.later, known[k].Name) // itself first
				known[k].Name = ""
			}
		}
		s.add(&parser.Name{Text: r.Name}, known)
		e := (&scoped{binder: b, scope: s, clause: "a computed column"}).bind(def)
		if e != nil && r.Schema[i].Type.Kind != data.Unknown && e.Type() != r.Schema[i].Type {
			cast, err := expr.NewCast(e, r.Schema[i].Type, false, def.Span())
			e = b.check(cast, err, def.Span())
		}
		if e == nil {
			ok = false
			continue
		}
		if expr.UsesSubquery(e) {
			b.errorf(def.Span(), "compute it in a view", "a computed column cannot use a subquery")
			ok = false
			continue
		}
		// What it uses of other computed columns is put in.
		values[i] = substitute(e, columnsOr(values, r.Schema))
	}
	return values, ok
}

// columnsOr returns the values, and columns where there is none.
func columnsOr(values []expr.Expr, s data.Schema) []expr.Expr {
	out := make([]expr.Expr, len(values))
	for i, v := range values {
		if out[i] = v; v == nil {
			out[i] = expr.NewColumn(i, s[i].Name, s[i].Type, source.Span{})
		}
	}
	return out
}

// complete finds out the columns of a relation that does not declare them: those
// of a query that fills it, or else those its input has.
func (b *binder) complete(r *catalog.Relation, from data.Schema) bool {
	p := b.pending[r]
	if p == nil {
		return true
	}
	if p.failed {
		return false
	}
	if from == nil {
		if problems := b.conns.CheckOptions(r, false); len(problems) > 0 {
			p.failed = true
			b.reportOptions(r, problems)
			return false
		}
		schema, err := b.conns.Infer(r)
		if err != nil {
			p.failed = true
			b.inferError(r, err)
			return false
		}
		from = schema
	}
	delete(b.pending, r)
	for _, c := range from {
		r.Schema = append(r.Schema, data.Column{Name: c.Name, Type: c.Type})
		r.Required = append(r.Required, false)
	}
	r.Inferred = true
	if p.create != nil && !b.relationClauses(p.create, r) {
		b.pending[r] = &pendingRelation{failed: true}
		return false
	}
	return true
}

// inferError reports that a relation's columns cannot be read from its input.
func (b *binder) inferError(r *catalog.Relation, err error) {
	p := catalog.OptionProblem{Key: "path", Message: strings.TrimSuffix(err.Error(), ".")}
	errors.As(err, &p)
	if !strings.HasPrefix(p.Message, "the columns of ") {
		p.Message = fmt.Sprintf("the columns of %s cannot be read from its input: %s", r.Name, p.Message)
	}
	if p.Hint == "" {
		p.Hint = "list them: CREATE STREAM " + display(r.Name) + " (name TYPE, …)"
	}
	at := r.Span
	for _, key := range []string{"path", p.Key} {
		for _, o := range r.Options {
			if strings.EqualFold(o.Key, key) {
				at = o.Span
			}
		}
	}
	b.errs.Errorf(r.File, at, p.Hint, "%s", p.Message)
}
