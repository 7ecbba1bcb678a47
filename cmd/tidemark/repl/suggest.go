package repl

import (
	"context"
	"strings"
	"time"

	"tidemark/parser"
	"tidemark/runtime/engine"
)

// lookFor is how long the rows of an input are looked at for a suggestion.
const lookFor = time.Second

// suggest prints the declaration of a stream whose columns are read from its input, with
// the watermark that its rows call for. It is the next entry of the history, so that Up
// and Enter take it over.
func (r *REPL) suggest(p *engine.Planned) {
	ctx, cancel := context.WithTimeout(context.Background(), lookFor)
	defer cancel()
	s, err := r.session.Suggest(ctx, p.Target, r.options())
	if err != nil {
		r.printf("%s is declared; yet %s\n", p.Target, strings.TrimPrefix(err.Error(), "error: "))
		return
	}
	r.printf("%s\n", strings.Replace(s.Statement, "CREATE OR REPLACE", "CREATE", 1))
	if s.Time == "" {
		r.printf("%s is declared with these columns\n", p.Target)
		return
	}
	r.printf("%s is declared without the WATERMARK: %s came %s, and this one would lose %d; Up and Enter declare it\n",
		p.Target, count(s.Rows, "row"), s.Disorder(), s.Lost)
	r.cfg.Terminal.Remember(parser.OneLine(s.Statement))
}
