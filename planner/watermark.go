package planner

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/operators/expr"
	"tidemark/parser"
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
	return ok
}

// generators are the watermark generators of the language that are yet to come.
var generators = map[string]bool{"ASCENDING": true, "ADAPTIVE": true, "PUNCTUATED": true, "PERFECT": true}

func (b *binder) watermark(w *parser.Watermark, r *catalog.Relation) *catalog.Watermark {
	col := indexOf(r.Schema, w.Column)
	if col < 0 {
		b.errorf(w.Column.Span(), nearColumn(w.Column.Text, r.Schema.Names()), "the watermark is for a column %s, which %s does not have", w.Column.Text, r.Name)
		return nil
	}
	name := r.Schema[col].Name
	form := "write WATERMARK FOR " + name + " AS " + name + " - INTERVAL '5' SECOND"
	if t := r.Schema[col].Type; t.Kind != data.Timestamp && t.Kind != data.Unknown {
		b.errorf(w.Column.Span(), "declare "+name+" as TIMESTAMP", "a watermark needs a TIMESTAMP column, but %s is %s", name, t)
		return nil
	}
	out := &catalog.Watermark{Column: col, Span: w.Span()}
	if w.Punctuated != nil {
		b.errorf(w.Span(), form, "the watermark generator PUNCTUATED is not supported yet")
		return nil
	}
	x := w.Expr
	if word := generatorName(x); generators[word] && !isRefTo(x, r.Schema, col) {
		b.errorf(x.Span(), form, "the watermark generator %s is not supported yet", word)
		return nil
	}
	bin, isBinary := x.X.(*parser.Binary)
	if isBinary && bin.Op == "-" {
		if !isRefTo(bin.L, r.Schema, col) {
			b.errorf(bin.L.Span(), form, "the watermark for %s must be computed from %s", name, name)
			return nil
		}
		delay, ok := b.constantLength(bin.R, "the delay of a watermark", form)
		if !ok {
			return nil
		}
		if delay < 0 {
			b.errorf(bin.R.Span(), form, "the delay of a watermark cannot be negative")
			return nil
		}
		out.Delay = delay
		return out
	}
	if !isRefTo(x, r.Schema, col) {
		b.errorf(x.Span(), form, "a watermark is its column, or its column less an interval")
		return nil
	}
	return out
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
	reads := false
	walk(e, func(part *parser.Expr) {
		if r, ok := part.X.(*parser.Ref); ok && !reads {
			reads = true
			b.errorf(r.Span(), hint, "%s must be a constant INTERVAL, and cannot depend on %s", what, text(b.file, r.Span()))
		}
	})
	if reads {
		return 0, false
	}
	x := (&scoped{binder: b, scope: &scope{}, clause: what}).bind(e)
	if x == nil {
		return 0, false
	}
	x, err := expr.Fold(x)
	if err != nil {
		b.report(err, e.Span())
		return 0, false
	}
	l, ok := x.(*expr.Literal)
	if !ok || l.IsNull() || l.Type().Kind != data.Interval {
		b.errorf(e.Span(), hint, "%s must be a constant INTERVAL, but %s is %s", what, x, describeType(x.Type()))
		return 0, false
	}
	iv := l.Value.Wides[0]
	if iv.Hi != 0 {
		b.errorf(e.Span(), "write it in days or smaller units", "%s cannot be counted in months or years, which differ in length", what)
		return 0, false
	}
	return int64(iv.Lo), true
}

func describeType(t data.Type) string {
	if t.Kind == data.Unknown {
		return "NULL"
	}
	return t.String()
}
