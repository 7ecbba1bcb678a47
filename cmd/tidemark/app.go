package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// The exit codes of the command, besides 0 and 128 + the number of a signal.
const (
	exitFailed = 1 // a run failed: a bad row, a sink, a missing input
	exitWrong  = 2 // a query or the command line is wrong
)

// app is the command line: one field for each command.
type app struct {
	Run        runCmd        `cmd:"" help:"Run scripts."`
	Test       testCmd       `cmd:"" help:"Run query tests, files *.test.sql."`
	Check      checkCmd      `cmd:"" help:"Parse and plan scripts without running them."`
	Fmt        fmtCmd        `cmd:"" help:"Write scripts in the canonical layout."`
	Explain    explainCmd    `cmd:"" help:"Show how the queries of a script would run."`
	Advise     adviseCmd     `cmd:"" help:"Say from the data which watermark delay and lateness to choose."`
	Version    versionCmd    `cmd:"" help:"Show the version."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands in a shell."`
}

// Help is the part of tidemark --help above the commands.
func (*app) Help() string {
	return `Without arguments, tidemark on a terminal is a prompt for statements; else it runs the script that it reads from standard input.

Examples:

    tidemark run clicks.sql
    tidemark run -o csv -D lateness=3 clicks.sql
    tail -f clicks.ndjson | tidemark run from_stdin.sql
    tidemark test queries/
    tidemark check *.sql
    tidemark fmt -w *.sql
    tidemark explain clicks.sql
    tidemark advise clicks.sql

Exit codes: 0 done, 1 the run failed, 2 a query or the command line is wrong.`
}

// exitError ends the command with a code; what there was to say has been said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run is the whole command; it returns the exit code.
func run(args []string, c *console) int {
	switch {
	case len(args) == 0 && isTerminal(os.Stdin):
		return talk(c)
	case len(args) == 0:
		return pipe(c)
	case len(args) == 1 && args[0] == "--version":
		args = []string{"version"}
	}
	var a app
	helped := false // kong's --help has printed, and wants to leave
	parser, err := kong.New(&a, kong.Name("tidemark"), kong.Description("Streaming SQL in one binary."),
		kong.Writers(c.stdout, c.stderr), kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, WrapUpperBound: 100}))
	if err != nil {
		return c.fail(exitWrong, err.Error(), "")
	}
	ctx, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		return c.fail(exitWrong, usageError(err), usageHint(args, err))
	}
	err = ctx.Run(c)
	var code2 exitError
	if errors.As(err, &code2) {
		return int(code2)
	}
	if err != nil {
		return c.fail(exitWrong, err.Error(), "")
	}
	return 0
}

// usageError returns what is wrong with the command line.
func usageError(err error) string {
	return strings.ReplaceAll(err.Error(), "unexpected argument", "there is no command")
}

// usageHint says where to look, or what was most likely meant.
func usageHint(args []string, err error) string {
	if strings.HasSuffix(strings.ToLower(args[0]), ".sql") {
		return "to run a script: tidemark run " + strings.Join(args, " ")
	}
	var parse *kong.ParseError
	command := "tidemark"
	if errors.As(err, &parse) && parse.Context != nil {
		if cmd := parse.Context.Command(); cmd != "" {
			name, _, _ := strings.Cut(cmd, " ")
			command += " " + name
		}
	}
	return "see " + command + " --help"
}
