package main

import (
	"io"
	"strings"

	"tidemark/connectors/builtin"
	"tidemark/runtime/engine"
)

// explainCmd is tidemark explain.
type explainCmd struct {
	scripts
	Logical  bool `xor:"plan" help:"The plan as written."`
	Physical bool `xor:"plan" help:"The plan as it runs (the default)."`
	Rules    bool `xor:"plan" help:"The plan as written, and what each rewrite rule makes of it."`

	Watermark bool `xor:"plan" help:"How the watermark is made, and what each step waits for."`
	State     bool `xor:"plan" help:"What each step remembers, how late results come: for SET estimate_rows and estimate_keys."`
}

// Help is the part of tidemark explain --help below the usage.
func (*explainCmd) Help() string {
	return `Each step is shown with what it reads, whether its rows are corrected later, its key, its time column and what it remembers.

Examples:

    tidemark explain clicks.sql
    tidemark explain --logical clicks.sql
    tidemark explain --rules clicks.sql
    tidemark explain --watermark clicks.sql
    tidemark explain --state clicks.sql
    tidemark explain -D lateness=3 clicks.sql`
}

// Run prints the plans.
func (x *explainCmd) Run(c *console) error {
	list, err := x.load(c)
	if err != nil {
		return err
	}
	e := engine.New(builtin.Registry())
	for _, s := range list {
		text, problems := e.Explain(s.file, engine.Options{Vars: x.Define, BaseDir: s.dir}, x.mode())
		c.diagnostics(problems)
		if problems.HasErrors() {
			return exitError(exitWrong)
		}
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		if _, err := io.WriteString(c.stdout, text); err != nil {
			return exitError(closedOutput(c, err))
		}
	}
	return nil
}

// mode is what the flags ask for.
func (x *explainCmd) mode() engine.ExplainMode {
	switch {
	case x.Logical:
		return engine.ExplainLogical
	case x.Rules:
		return engine.ExplainRules
	case x.Watermark:
		return engine.ExplainWatermark
	case x.State:
		return engine.ExplainState
	}
	return engine.ExplainPhysical
}
