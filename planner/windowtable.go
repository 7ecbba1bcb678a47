package planner

import (
	"slices"
	"strings"

	"tidemark/operators/agg"
	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// windowRows are rows that a function in FROM has put into windows.
type windowRows struct {
	input     plan.Node // the rows before
	window    *plan.Window
	time      int          // of input
	partition []int        // of input: of what each session is
	gathered  *plan.Unnest // of sessions: what the gathered rows become again
}

// windowArgs are the arguments of a window function in FROM.
type windowArgs struct {
	table, time *parser.TableArg
	lengths     []*parser.TableArg
}

// fromExample is how a window function is called in FROM.
func (f *windowForm) fromExample() string {
	return strings.Replace(f.example, "(", "(t, ", 1)
}

// sortWindowArgs tells which argument is which, by place or by name.
func (b *binder) sortWindowArgs(f *parser.TableFunction, form *windowForm, name string) *windowArgs {
	args := &windowArgs{lengths: make([]*parser.TableArg, len(form.lengths))}
	slots := []**parser.TableArg{&args.table, &args.time}
	names := []string{"DATA", "TIMECOL"}
	for i, l := range form.lengths {
		slots, names = append(slots, &args.lengths[i]), append(names, l.name)
	}
	for i, a := range f.Args {
		at := i
		if a.Name != nil {
			if at = slices.Index(names, strings.ToUpper(a.Name.Text)); at < 0 {
				b.errorf(a.Name.Span(), "its arguments are "+enumerate(names), "%s has no argument %s", name, a.Name.Text)
				return nil
			}
		}
		if at >= len(slots) || *slots[at] != nil {
			b.errorf(a.Span(), "write "+form.fromExample(), "%s in FROM takes a table, %s", name, form.takes())
			return nil
		}
		*slots[at] = a
	}
	var missing []string
	if args.table == nil {
		missing = append(missing, "a table")
	}
	if args.time == nil {
		missing = append(missing, "a time column")
	}
	for i, l := range form.lengths {
		if !l.optional && args.lengths[i] == nil {
			missing = append(missing, "a "+l.what)
		}
	}
	if len(missing) > 0 {
		b.errorf(f.Span(), "write "+form.fromExample(), "%s in FROM needs %s", name, enumerate(missing))
		return nil
	}
	return args
}

// enumerate writes "a, b and c".
func enumerate(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// windowTable binds TUMBLE, HOP, CUMULATE and SESSION in FROM: the rows of a table
// with their windows. It also returns the name of the table, nil for a query.
func (b *binder) windowTable(f *parser.TableFunction, name string) (plan.Node, *parser.Name, bool) {
	form := windowForms[name]
	if f.Ordinality {
		b.errorf(f.Span(), "leave it out", "WITH ORDINALITY is for UNNEST")
		return nil, nil, false
	}
	args := b.sortWindowArgs(f, form, name)
	if args == nil {
		return nil, nil, false
	}
	in, s, ok := b.windowInput(args.table, form, name)
	if !ok {
		return nil, nil, false
	}
	x := &scoped{binder: b, scope: s, clause: name}
	w := &windowSpec{window: &plan.Window{Kind: form.kind}}
	ok = x.windowTime(args.time, form, w)
	lengths := make([]*parser.Expr, len(args.lengths))
	for i, a := range args.lengths {
		if a == nil {
			continue
		}
		if lengths[i] = a.Expr; a.Expr == nil {
			b.errorf(a.Span(), "write "+form.lengths[i].example, "the %s of a window is a length of time", form.lengths[i].what)
			return nil, nil, false
		}
	}
	ok = x.windowLengths(form, w.window, f.Span(), lengths) && ok
	partition, good := x.sessionPartition(args.table, name)
	if !ok || !good {
		return nil, nil, false
	}
	var source *parser.Name
	if len(s.names) == 1 {
		source = s.names[0]
	}
	if form.kind == plan.Session {
		w.window.Zone = ""
		node, good := b.sessionRows(in, w, partition, f.Span())
		return node, source, good
	}
	n := &plan.Windowed{Input: in, Window: w.window, Time: w.column, Out: withWindow(in.Schema())}
	return n, source, true
}

// withWindow is the columns of rows with those of their windows behind. Columns of
// windows that the rows had before give way.
func withWindow(in data.Schema) data.Schema {
	out := append(data.Schema(nil), in...)
	for i, c := range out {
		for _, w := range windowColumns {
			if strings.EqualFold(c.Name, w) {
				out[i].Name = uniqueName(out, c.Name)
			}
		}
	}
	for i, w := range windowColumns {
		out = append(out, data.Column{Name: w, Type: timestamp, Time: i == 2})
	}
	return out
}

// uniqueName returns a name that no column has yet: the given one and a number.
func uniqueName(s data.Schema, name string) string {
	for n := 0; ; n++ {
		fresh := name + string(rune('0'+n))
		if n > 9 || s.Find(fresh) < 0 {
			return fresh
		}
	}
}

// windowInput binds the table whose rows are put into windows.
func (b *binder) windowInput(a *parser.TableArg, form *windowForm, name string) (plan.Node, *scope, bool) {
	ref := &parser.TableRef{Node: a.Node, Name: a.Table, Query: a.Query}
	if a.Expr != nil {
		switch e := a.Expr.X.(type) {
		case *parser.Ref:
			if len(e.Parts) == 1 {
				ref.Name = e.Parts[0]
			}
		case *parser.Literal:
			if e.Kind == parser.StringLiteral {
				ref.File = &e.Text
			}
		}
	}
	if ref.Name == nil && ref.Query == nil && ref.File == nil {
		b.errorf(a.Span(), "write "+form.fromExample()+", or a query in parentheses in place of t", "%s in FROM begins with the table that it reads", name)
		return nil, nil, false
	}
	node, s, ok := b.table(ref)
	if !ok {
		return nil, nil, false
	}
	node, ok = b.closeJoins(node, nil)
	return node, s, ok
}

// windowTime binds the time column, which DESCRIPTOR or its name alone gives.
func (x *scoped) windowTime(a *parser.TableArg, form *windowForm, w *windowSpec) bool {
	e := a.Expr
	switch {
	case len(a.Descriptor) == 1:
		n := a.Descriptor[0]
		e = &parser.Expr{X: &parser.Ref{At: parser.At(n.Span()), Parts: []*parser.Name{n}}}
	case len(a.Descriptor) > 1:
		x.errorf(a.Descriptor[1].Span(), "name one", "a window has one time column")
		return false
	case e == nil:
		x.errorf(a.Span(), "write "+form.fromExample(), "the second argument of %s in FROM is its time column", form.kind)
		return false
	}
	ok := true
	if zoned, isZoned := e.X.(*parser.AtTimeZone); isZoned {
		w.window.Zone, ok = x.zoneName(zoned.Zone)
		e = zoned.X
	}
	return x.timeColumn(e, w) && ok
}

// sessionPartition binds PARTITION BY behind the table: each value has sessions of
// its own.
func (x *scoped) sessionPartition(a *parser.TableArg, name string) ([]expr.Expr, bool) {
	if len(a.PartitionBy) > 0 && name != "SESSION" {
		x.errorf(a.PartitionBy[0].Span(), "leave PARTITION BY out, and group by it", "the windows of %s are the same for all rows: only SESSION has PARTITION BY", name)
		return nil, false
	}
	var keys []expr.Expr
	ok := true
	p := *x
	p.clause = "PARTITION BY"
	for _, e := range a.PartitionBy {
		k := p.bind(e)
		if k == nil {
			ok = false
			continue
		}
		keys = append(keys, k)
	}
	return keys, ok
}

// sessionRows plans the rows of sessions: they are gathered until their session
// closes, and come then with its bounds.
func (b *binder) sessionRows(in plan.Node, w *windowSpec, partition []expr.Expr, at source.Span) (plan.Node, bool) {
	schema := in.Schema()
	p := &plan.Project{Input: in}
	for i, c := range schema {
		p.Exprs, p.Out = append(p.Exprs, expr.NewColumn(i, c.Name, c.Type, at)), append(p.Out, c)
	}
	whole, err := expr.NewCall("ROW", slices.Clone(p.Exprs), at)
	if whole = b.check(whole, err, at); whole == nil {
		return nil, false
	}
	call := plan.AggCall{Cols: []int{len(p.Exprs)}, Filter: -1, Text: "the rows"}
	if call.Func, err = agg.Resolve(agg.Spec{Name: "ARRAY_AGG", Args: []data.Type{whole.Type()}, Updating: in.Properties().Updating, Regrouping: true}); err != nil {
		b.report(err, at)
		return nil, false
	}
	p.Exprs, p.Out = append(p.Exprs, whole), append(p.Out, data.Column{Name: "the row", Type: whole.Type()})
	rows := &windowRows{input: in, window: w.window, time: w.column}
	a := &plan.Aggregate{Input: p, Window: w.window, Time: w.column, Aggs: []plan.AggCall{call}, Lateness: plan.KeptBelow(in)}
	a.Out = data.Schema{{Name: "window_start", Type: timestamp}, {Name: "window_end", Type: timestamp, Time: true}}
	for _, k := range partition {
		c, isColumn := k.(*expr.Column)
		col := len(p.Exprs)
		if isColumn {
			col = c.Index
		} else {
			p.Exprs, p.Out = append(p.Exprs, k), append(p.Out, data.Column{Name: k.String(), Type: k.Type()})
		}
		if slices.Contains(a.Keys, col) {
			continue
		}
		rows.partition = append(rows.partition, col)
		a.Keys, a.Out = append(a.Keys, col), append(a.Out, data.Column{Name: k.String(), Type: k.Type()})
	}
	array := len(a.Out)
	a.Out = append(a.Out, data.Column{Name: "the rows", Type: call.Func.Result})
	u := &plan.Unnest{Input: a, Array: array}
	u.Out = append(data.Schema(nil), a.Out...)
	for _, c := range schema {
		u.Out = append(u.Out, data.Column{Name: c.Name, Type: c.Type})
	}
	rows.gathered = u
	out := &plan.Project{Input: u, Out: withWindow(schema)}
	for i, c := range out.Out {
		from := array + 1 + i
		if k := i - len(schema); k >= 0 {
			from = min(k, 1) // the end of a session is its window_time, too
		} else {
			out.Out[i].Time = false // later rows have come since
		}
		out.Exprs = append(out.Exprs, expr.NewColumn(from, c.Name, c.Type, at))
	}
	b.sessions[out] = rows
	return out, true
}
