package main

import (
	"bytes"
	"io"
	"os"
	"os/signal"
	"syscall"

	"tidemark/cmd/tidemark/repl"
	"tidemark/connectors/builtin"
	"tidemark/parser/source"
	"tidemark/runtime/engine"
)

// talk is the prompt: tidemark on a terminal. Without a screen, statements are read all
// the same, and results go where they are led.
func talk(c *console) int {
	if !isTerminal(os.Stdout) {
		return pipe(c)
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	cfg := repl.Config{Engine: engine.New(builtin.Registry()), Out: os.Stdout, Err: os.Stderr, Interrupts: interrupts, Version: versionText()}
	var r *repl.REPL
	terminal, end, err := repl.NewTerminal(os.Stdin, os.Stdout, repl.HistoryFile(), func(before string) ([]string, int) { return r.Complete(before) })
	if err != nil {
		return c.fail(exitFailed, err.Error(), "run a script: tidemark run FILE")
	}
	defer end()
	go func() { // leave the terminal as it was
		terms := make(chan os.Signal, 1)
		signal.Notify(terms, syscall.SIGTERM, syscall.SIGHUP)
		sig := <-terms
		end()
		n, _ := sig.(syscall.Signal)
		os.Exit(128 + int(n))
	}()
	cfg.Terminal = terminal
	r = repl.New(cfg)
	return r.Talk()
}

// pipe runs the script on standard input: as tidemark run does, or statement by
// statement where it has meta commands.
func pipe(c *console) int {
	text, err := io.ReadAll(c.stdin)
	if err != nil {
		return c.fail(exitFailed, "standard input cannot be read: "+reason(err), "")
	}
	if !repl.HasCommands(string(text)) {
		c.stdin = bytes.NewReader(text)
		return run([]string{"run", "-"}, c)
	}
	signal.Ignore(syscall.SIGPIPE)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	code := repl.New(repl.Config{Engine: engine.New(builtin.Registry()), Out: c.stdout, Err: c.stderr, Interrupts: interrupts, Version: versionText()}).
		Run(source.NewFile("<stdin>", string(text)))
	if c.stdout.readerGone() {
		return exitClosed
	}
	return code
}
