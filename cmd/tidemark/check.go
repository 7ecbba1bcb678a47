package main

import (
	"fmt"

	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
	"tidemark/runtime/querytest"
)

// checkCmd is tidemark check.
type checkCmd struct {
	scripts
	LogFormat string `enum:"text,json" default:"text" env:"TIDEMARK_LOG_FORMAT" help:"Form of messages: ${enum}."`
}

// Help is the part of tidemark check --help below the usage.
func (*checkCmd) Help() string {
	return `Shows everything that is wrong, with its place and a remedy. Ends with 2 if there is an error; warnings are no errors.

Examples:

    tidemark check clicks.sql
    tidemark check -D delay=2 queries/*.sql`
}

// Run checks the scripts.
func (k *checkCmd) Run(c *console) error {
	c.format(k.LogFormat)
	list, err := k.load(c)
	if err != nil {
		return err
	}
	e := engine.New(builtin.Registry())
	wrong := false
	for _, s := range list {
		var problems source.List
		if s.isTest() {
			problems = querytest.Check(e, s.file)
		} else {
			problems = e.Check(s.file, engine.Options{Vars: k.Define, BaseDir: s.dir})
		}
		c.diagnostics(problems)
		wrong = wrong || problems.HasErrors()
		fmt.Fprintf(c.stdout, "%s: %s\n", s.file.Name, verdict(problems))
	}
	if wrong {
		return exitError(exitWrong)
	}
	return nil
}

// verdict counts the problems.
func verdict(problems source.List) string {
	errs, warnings := 0, 0
	for _, d := range problems {
		if d.Severity == source.Warning {
			warnings++
		} else {
			errs++
		}
	}
	switch {
	case errs == 0 && warnings == 0:
		return "ok"
	case errs == 0:
		return "ok, " + count(warnings, "warning")
	case warnings == 0:
		return count(errs, "error")
	}
	return count(errs, "error") + ", " + count(warnings, "warning")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
