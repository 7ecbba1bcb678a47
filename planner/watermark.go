package planner

import (
	"math/big"
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/catalog"
)

func (b *binder) watermarks(c *parser.CreateRelation, r *catalog.Relation) bool {
	ok := true
	for _, e := range c.Elements {
		if e.Watermark == nil {
			continue
		}
		if r.Watermark != nil {
			b.errorf(e.Watermark.Span(), "leave one of them out", "%s has two watermarks", r.Name)
			ok = false
			continue
		}
		w := b.watermark(e.Watermark, r)
		if w == nil {
			ok = false
			continue
		}
		r.Watermark = w
	}
	if ok {
		b.clockTime(r)
	}
	return ok
}

// generators are the names of ways to make a watermark, but for the column less an
// interval.
var generators = []string{"ASCENDING", "ADAPTIVE", "PUNCTUATED", "PERFECT"}

func (b *binder) watermark(w *parser.Watermark, r *catalog.Relation) *catalog.Watermark {
	col := indexOf(r.Schema, w.Column)
	if col < 0 {
		b.errorf(w.Column.Span(), nearColumn(w.Column.Text, r.Schema.Names()), "the watermark is for a column %s, which %s does not have", w.Column.Text, r.Name)
		return nil
	}
	name := r.Schema[col].Name
	if t := r.Schema[col].Type; t.Kind != data.Timestamp && t.Kind != data.Unknown {
		b.errorf(w.Column.Span(), "declare "+name+" as TIMESTAMP", "a watermark needs a TIMESTAMP column, but %s is %s", name, t)
		return nil
	}
	out := &catalog.Watermark{Column: col, Span: w.Span()}
	if w.Punctuated != nil {
		out.Marks = w.Punctuated
		if _, ok := b.marks(r, out); !ok {
			return nil
		}
		return out
	}
	x := w.Expr
	bin, isBinary := x.X.(*parser.Binary)
	ok := true
	switch word := generatorName(x); {
	case isRefTo(x, r.Schema, col):
	case word == "ASCENDING", word == "PERFECT":
		if _, isCall := x.X.(*parser.Call); isCall {
			b.errorf(x.Span(), "write "+word, "%s takes nothing in parentheses", word)
			return nil
		}
		if word == "PERFECT" {
			out.Generator = catalog.Perfect
		}
	case word == "ADAPTIVE":
		ok = b.adaptive(x, &out.Timing)
	case isBinary && bin.Op == "-":
		out.Delay, ok = b.watermarkDelay(bin, name, isRefTo(bin.L, r.Schema, col))
	default:
		hint := delayForm(name)
		if word == "PUNCTUATED" {
			hint = "write PUNCTUATED WHEN and the condition of the rows that move it"
		} else if near := source.Near(word, generators); near != "" {
			hint = "did you mean " + near + "?"
		}
		b.errorf(x.Span(), hint, "a watermark is its column, its column less an interval, or one of ASCENDING, ADAPTIVE(p), PUNCTUATED WHEN … and PERFECT")
		return nil
	}
	if !ok {
		return nil
	}
	return out
}

// delayForm shows how a watermark with a delay is written.
func delayForm(column string) string {
	return "write WATERMARK FOR " + column + " AS " + column + " - INTERVAL '5' SECOND"
}

// watermarkDelay binds column - INTERVAL.
func (b *binder) watermarkDelay(x *parser.Binary, column string, ofColumn bool) (int64, bool) {
	form := delayForm(column)
	if !ofColumn {
		b.errorf(x.L.Span(), form, "the watermark for %s must be computed from %s", column, column)
		return 0, false
	}
	delay, ok := b.constantLength(x.R, "the delay of a watermark", form)
	if ok && delay < 0 {
		b.errorf(x.R.Span(), form, "the delay of a watermark cannot be negative")
		return 0, false
	}
	return delay, ok
}

// Of an adaptive watermark: how many rows it goes by unless it is said, and at most.
const (
	adaptiveRows     = 1000
	mostAdaptiveRows = 1_000_000
)

const adaptiveForm = "write ADAPTIVE(0.99), or ADAPTIVE(0.99, 1000) to go by the last 1000 rows"

// adaptive binds ADAPTIVE(share [, rows]).
func (b *binder) adaptive(x *parser.Expr, t *catalog.Timing) bool {
	c, isCall := x.X.(*parser.Call)
	if !isCall || len(c.Args) < 1 || len(c.Args) > 2 || c.Args[0].Name != nil {
		b.errorf(x.Span(), adaptiveForm, "ADAPTIVE takes the share of rows that are to be in time, and at most a number of rows")
		return false
	}
	t.Generator, t.Last = catalog.Adaptive, adaptiveRows
	share, ok := numberOf(c.Args[0].X)
	if !ok || share.Sign() <= 0 || share.Cmp(big.NewRat(1, 1)) > 0 {
		hint := adaptiveForm
		if ok && share.Sign() > 0 && share.Cmp(big.NewRat(100, 1)) <= 0 {
			hint = "write " + strings.TrimRight(new(big.Rat).Quo(share, big.NewRat(100, 1)).FloatString(9), "0.") + " for " + c.Args[0].X.X.(*parser.Literal).Text + " percent"
		}
		b.errorf(c.Args[0].X.Span(), hint, "the share of rows that are to be in time must be a number above 0 and at most 1")
		return false
	}
	billionths := new(big.Rat).Mul(share, big.NewRat(1_000_000_000, 1))
	t.Share = max(1, new(big.Int).Quo(billionths.Num(), billionths.Denom()).Int64())
	if len(c.Args) == 1 {
		return true
	}
	rows, ok := numberOf(c.Args[1].X)
	if !ok || !rows.IsInt() || rows.Sign() <= 0 || rows.Cmp(big.NewRat(mostAdaptiveRows, 1)) > 0 {
		b.errorf(c.Args[1].X.Span(), adaptiveForm, "the number of rows must be a whole number from 1 to %d", mostAdaptiveRows)
		return false
	}
	t.Last = int(rows.Num().Int64())
	return true
}

// numberOf returns the value of a number as it is written.
func numberOf(e *parser.Expr) (*big.Rat, bool) {
	l, ok := e.X.(*parser.Literal)
	if !ok || l.Kind == parser.StringLiteral || len(l.Text) > 40 || strings.ContainsAny(l.Text, "eE/") {
		return nil, false
	}
	return new(big.Rat).SetString(l.Text)
}

// marks binds the condition of PUNCTUATED WHEN over the columns of r; nil when the
// watermark has none.
func (b *binder) marks(r *catalog.Relation, w *catalog.Watermark) (expr.Expr, bool) {
	def, isExpr := w.Marks.(*parser.Expr)
	if !isExpr {
		return nil, true
	}
	outer, file := b.outer, b.file
	b.outer, b.file = nil, r.File
	defer func() { b.outer, b.file = outer, file }()
	s := &scope{relation: r}
	s.add(&parser.Name{Text: r.Name}, r.Schema)
	e := (&scoped{binder: b, scope: s, clause: "PUNCTUATED WHEN"}).condition(def, "PUNCTUATED WHEN")
	if e != nil && expr.UsesSubquery(e) {
		b.errorf(def.Span(), "compare the row's own columns with constants", "a watermark cannot use a subquery")
		return nil, false
	}
	return e, e != nil
}

// checkPerfect refuses a watermark that would stand still for ever.
func (b *binder) checkPerfect(r *catalog.Relation) bool {
	w := r.Watermark
	if w == nil || w.Generator != catalog.Perfect || b.conns.Bounded(r) {
		return true
	}
	b.errs.Errorf(r.File, w.Span, delayForm(r.Schema[w.Column].Name)+", or ADAPTIVE(0.99)",
		"a PERFECT watermark knows what is still to come, and %s has no end", r.Name)
	return false
}

// generatorName returns the word that a generator begins with, in upper case.
func generatorName(e *parser.Expr) string {
	switch x := e.X.(type) {
	case *parser.Ref:
		if len(x.Parts) == 1 {
			return strings.ToUpper(x.Parts[0].Text)
		}
	case *parser.Call:
		return strings.ToUpper(x.Name.Text)
	}
	return ""
}

func isRefTo(e *parser.Expr, s data.Schema, col int) bool {
	ref, ok := e.X.(*parser.Ref)
	return ok && len(ref.Parts) == 1 && indexOf(s, ref.Parts[0]) == col
}

// constantLength evaluates an interval of a fixed length, in microseconds. what
// names the place for the messages, and hint shows how to write one.
func (b *binder) constantLength(e *parser.Expr, what, hint string) (int64, bool) {
	if b.readsColumn(e, what+" must be a constant INTERVAL", hint) {
		return 0, false
	}
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	l := b.literalOf(e, x, data.Interval, what, hint)
	if l == nil {
		return 0, false
	}
	iv := l.Value.Wides[0]
	if iv.Hi != 0 {
		b.errorf(e.Span(), "write it in days or smaller units", "%s cannot be counted in months or years, which differ in length", what)
		return 0, false
	}
	return int64(iv.Lo), true
}

// literalOf returns the value of x, which e is bound to and must not be NULL, or
// reports that it is no constant of a kind.
func (b *binder) literalOf(e *parser.Expr, x expr.Expr, kind data.Kind, what, hint string) *expr.Literal {
	x, err := expr.Fold(x)
	if err != nil {
		b.report(err, e.Span())
		return nil
	}
	l, ok := x.(*expr.Literal)
	if !ok || l.IsNull() || l.Type().Kind != kind {
		b.errorf(e.Span(), hint, "%s must be a constant %s, but %s is %s", what, kind, x, describeType(x.Type()))
		return nil
	}
	return l
}

func describeType(t data.Type) string {
	if t.Kind == data.Unknown {
		return "NULL"
	}
	return t.String()
}

// readsColumn reports a column in an expression that must be constant, as rule says.
func (b *binder) readsColumn(e *parser.Expr, rule, hint string) bool {
	reads := false
	walk(e, func(part *parser.Expr) {
		if r, ok := part.X.(*parser.Ref); ok && !reads {
			reads = true
			b.errorf(r.Span(), hint, "%s, and cannot depend on %s", rule, text(b.file, r.Span()))
		}
	})
	return reads
}
