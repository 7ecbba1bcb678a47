package main

import (
	"encoding/json"
	"io"

	"tidemark/connectors/builtin"
	"tidemark/runtime/engine"
)

// adviseCmd is tidemark advise.
type adviseCmd struct {
	scripts
	JSON bool `name:"json" help:"The figures as JSON."`
}

// Help is the part of tidemark advise --help below the usage.
func (*adviseCmd) Help() string {
	return `Reads the inputs of a script once and shows how far behind their rows come, and what each choice of the
watermark's delay or of ALLOWED LATENESS would cost: the rows it loses, how much later results come, how many
windows of a key are kept at once. Below stand the clauses to paste. Nothing is written to the script's sinks.

Examples:

    tidemark advise clicks.sql
    tidemark advise --json -D lateness=3 clicks.sql`
}

// Run prints the advice.
func (a *adviseCmd) Run(c *console) error {
	list, err := a.load(c)
	if err != nil {
		return err
	}
	signals := watchSignals()
	defer signals.close()
	e := engine.New(builtin.Registry())
	for _, s := range list {
		opts := engine.Options{Vars: a.Define, BaseDir: s.dir, Stdin: c.stdin}
		if s.stdin {
			opts.Stdin = taken{}
		}
		advice, problems, err := e.Advise(signals.ctx, s.file, opts)
		c.diagnostics(problems)
		if problems.HasErrors() {
			return exitError(exitWrong)
		}
		if err != nil {
			return exitError(c.failed(err))
		}
		for i, x := range advice {
			if err := a.print(c.stdout, &x, i > 0); err != nil {
				return exitError(closedOutput(c, err))
			}
		}
	}
	return nil
}

func (a *adviseCmd) print(w io.Writer, x *engine.Advice, another bool) error {
	if a.JSON {
		return json.NewEncoder(w).Encode(x)
	}
	text := x.Text()
	if another {
		text = "\n" + text
	}
	_, err := io.WriteString(w, text)
	return err
}
