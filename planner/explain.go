package planner

import (
	"fmt"
	"strings"

	"tidemark/parser"
	"tidemark/parser/source"
	"tidemark/planner/plan"
)

// ExplainMode says which plans EXPLAIN shows.
type ExplainMode uint8

// The modes of EXPLAIN.
const (
	Physical  ExplainMode = iota // as they run
	Logical                      // as written
	Rules                        // as written, and what each rewrite rule makes of them
	Watermark                    // how the watermark is made, and what each step waits for
	State                        // what each step remembers, under a load
)

// explainModes are the modes by the word behind EXPLAIN.
var explainModes = map[string]ExplainMode{"": Physical, "PHYSICAL": Physical, "LOGICAL": Logical, "RULES": Rules, "WATERMARK": Watermark, "STATE": State}

// printer returns the printer of a mode for some plans.
func (r *Result) printer(mode ExplainMode, roots []plan.Node) *plan.Printer {
	if mode == State {
		return plan.NewStatePrinter(r.load())
	}
	p := plan.NewPrinter()
	switch mode {
	case Watermark:
		p = plan.NewWatermarkPrinter()
		p.Warnings = r.starving(roots)
	case Physical:
		p.Warnings = r.starving(roots)
	}
	p.Outline = p.Outline || mode == Rules
	return p
}

// note is what an answer begins with.
func (r *Result) note(mode ExplainMode) string {
	if mode != State {
		return ""
	}
	rows, keys := r.estimate("estimate_rows"), r.estimate("estimate_keys")
	return "for " + rows + " rows from each source and " + keys + " keys (SET estimate_rows = '…', estimate_keys = …)\n"
}

// Explain describes the script's queries and answers its EXPLAIN statements. It
// ends in a newline unless it is empty.
func (r *Result) Explain(mode ExplainMode) string {
	switch mode {
	case Logical:
		return r.draw(r.bound, mode)
	case Rules:
		return trace(r.bound, func(roots []plan.Node) string { return r.draw(roots, mode) })
	}
	return r.note(mode) + r.draw(r.roots(), mode)
}

// draw shows plans in the place of the script's: those of the subqueries, then
// those of the queries.
func (r *Result) draw(roots []plan.Node, mode ExplainMode) string {
	var b strings.Builder
	tree := r.printer(mode, roots)
	query := len(r.Subqueries)
	for i, it := range r.Items {
		if i > 0 {
			b.WriteByte('\n')
		}
		if it.Explain != nil {
			b.WriteString(it.Explain.Text)
			continue
		}
		if len(r.Items) > 1 {
			fmt.Fprintf(&b, "-- %s\n", it.Query.Name)
		}
		drawQuery(&b, tree, roots[query], r.Subqueries, roots)
		query++
	}
	return b.String()
}

// drawQuery draws a plan, the subqueries that it uses, and those that they use.
// inputs are the plans of the subqueries.
func drawQuery(b *strings.Builder, tree *plan.Printer, root plan.Node, subqueries []*plan.Subquery, inputs []plan.Node) {
	b.WriteString(tree.Explain(root))
	used := plan.Cells(root)
	for i, s := range subqueries {
		if used[s.Cell] {
			fmt.Fprintf(b, "before it runs: %s\n", oneLine(s.Cell.Text))
			drawQuery(b, tree.Anew(), inputs[i], subqueries, inputs)
		}
	}
}

// oneLine writes a text with single blanks between its words.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// explainStatement answers an EXPLAIN: its query is bound, and not run.
func (b *binder) explainStatement(e *parser.Explain) *Explained {
	mode, known := explainModes[e.Mode]
	if !known {
		b.errorf(e.Span(), "use EXPLAIN, or EXPLAIN with LOGICAL, PHYSICAL, RULES, WATERMARK or STATE", "EXPLAIN %s is not supported yet", e.Mode)
	}
	b.explain = true
	before, running := len(*b.errs), len(b.result.Subqueries)
	var sink *plan.Sink
	if e.Insert != nil {
		if r := b.insertTarget(e.Insert.Table); r != nil {
			sink = b.insert(e.Insert, r)
		}
	} else if out, ok := b.query(e.Query); ok && b.runnable(out) {
		sink = &plan.Sink{Input: out, Key: out.Properties().Key}
	}
	b.explain = false
	subqueries := b.result.Subqueries[running:]
	b.result.Subqueries = b.result.Subqueries[:running] // they are not run
	if sink == nil {
		return nil
	}
	var roots []plan.Node
	for _, s := range subqueries {
		roots = append(roots, s.Input)
	}
	roots = append(roots, sink)
	draw := func(roots []plan.Node) string {
		var drawn strings.Builder
		tree := b.result.printer(mode, roots)
		drawQuery(&drawn, tree, roots[len(subqueries)], subqueries, roots)
		return drawn.String()
	}
	x := &Explained{File: b.file, Span: e.Span()}
	switch mode {
	case Logical:
		x.Text = draw(roots)
	case Rules:
		x.Text = trace(roots, draw)
	default:
		x.Text = b.result.note(mode) + draw(rewrite(roots, b.result.rewrites()))
	}
	x.Text += b.explainedWarnings(before)
	return x
}

// explainedWarnings takes the warnings from the list of messages on, which are
// part of the answer, out of it.
func (b *binder) explainedWarnings(from int) string {
	text := ""
	kept := (*b.errs)[:from]
	for _, d := range (*b.errs)[from:] {
		if d.Severity != source.Warning {
			kept = append(kept, d)
			continue
		}
		text += "warning: " + d.Message + "\n"
		if d.Hint != "" {
			text += "         " + d.Hint + "\n"
		}
	}
	*b.errs = kept
	return text
}
