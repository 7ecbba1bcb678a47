package plan

import (
	"strings"

	"tidemark/planner/catalog"
)

// Printer draws the plans of a script. A part that several share is drawn where
// it is first met; the other places refer to it.
type Printer struct {
	// Outline leaves out what is known of each node's output.
	Outline bool
	// Warnings are lines about what may go wrong with a scan; nil for none.
	Warnings func(*Scan) []string

	// describe returns a node's headline and the lines about it.
	describe func(Node) (title string, details []string)
	drawn    map[*Shared]bool
	read     map[*catalog.Relation]bool // by the scans that are drawn
}

// NewPrinter returns a printer that has drawn nothing yet.
func NewPrinter() *Printer { return newPrinter(describe) }

func newPrinter(describe func(Node) (title string, details []string)) *Printer {
	return &Printer{describe: describe, drawn: map[*Shared]bool{}, read: map[*catalog.Relation]bool{}}
}

// Anew returns a printer of the same kind that has drawn nothing: for plans that
// run apart from those that p has drawn, and share nothing with them.
func (p *Printer) Anew() *Printer {
	n := newPrinter(p.describe)
	n.Outline, n.Warnings = p.Outline, p.Warnings
	return n
}

// NewWatermarkPrinter returns a printer of how the watermark is made, and what each
// node waits for: EXPLAIN WATERMARK.
func NewWatermarkPrinter() *Printer {
	p := newPrinter(describeWatermark)
	p.Outline = true
	return p
}

// NewStatePrinter returns a printer of what each node remembers under a load:
// EXPLAIN STATE.
func NewStatePrinter(l Load) *Printer {
	p := newPrinter(l.describeState)
	p.Outline = true
	return p
}

// Explain draws a plan as a tree: each node with what it does, and under it what is
// known of its output. It ends in a newline.
func (p *Printer) Explain(root Node) string {
	var b strings.Builder
	p.explain(&b, root, "", "")
	return b.String()
}

// explain writes n behind the prefix first, and what is under it behind rest.
func (p *Printer) explain(b *strings.Builder, n Node, first, rest string) {
	title, details := p.describe(n)
	inputs := n.Inputs()
	if s, ok := n.(*Shared); ok {
		if p.drawn[s] {
			b.WriteString(first + title + ", as above\n")
			return
		}
		p.drawn[s] = true
		title += ", computed once"
	}
	b.WriteString(first + title + "\n")
	bar := "    "
	if len(inputs) > 0 {
		bar = "│   "
	}
	if !p.Outline {
		details = append(details, properties(n))
	}
	if scan, ok := n.(*Scan); ok {
		if p.Warnings != nil {
			details = append(details, p.Warnings(scan)...)
		}
		if p.read[scan.Relation] && !p.Outline {
			details = append(details, "read once, with the scan above")
		}
		p.read[scan.Relation] = true
	}
	for _, d := range details {
		b.WriteString(rest + bar + d + "\n")
	}
	for i, in := range inputs {
		if i < len(inputs)-1 {
			p.explain(b, in, rest+"├── ", rest+"│   ")
		} else {
			p.explain(b, in, rest+"└── ", rest+"    ")
		}
	}
}
