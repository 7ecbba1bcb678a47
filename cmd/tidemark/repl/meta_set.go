package repl

import (
	"slices"
	"strconv"
	"strings"

	"tidemark/parser/source"
)

// mode is \mode.
func (r *REPL) mode(c *command) {
	m := strings.ToLower(c.arg(0))
	switch {
	case m == "":
		r.answer("mode %s\n", r.set.mode)
	case slices.Contains(modes, m):
		r.set.mode = m
	default:
		hint := "it is one of " + strings.Join(modes, ", ")
		if near := source.Near(m, modes); near != "" {
			hint = "did you mean " + near + "?"
		}
		r.wrong(c, hint, "there is no mode %s", c.arg(0))
	}
}

// onOff reads an argument that turns something on or off, or over.
func (r *REPL) onOff(c *command, is bool) bool {
	switch strings.ToLower(c.arg(0)) {
	case "":
		return !is
	case "on":
		return true
	case "off":
		return false
	}
	r.wrong(c, "", "write \\%s on or \\%s off", c.name, c.name)
	return is
}

// expand is \x.
func (r *REPL) expand(c *command) {
	r.set.expand(r.onOff(c, r.set.expanded()))
	r.say("a line for each value", r.set.expanded())
}

// timed is \timing.
func (r *REPL) timed(c *command) {
	r.set.timing = r.onOff(c, r.set.timing)
	r.say("timing", r.set.timing)
}

// say confirms on a terminal what is on or off.
func (r *REPL) say(what string, on bool) {
	if r.cfg.Terminal == nil {
		return
	}
	state := "off"
	if on {
		state = "on"
	}
	r.printf("%s: %s\n", what, state)
}

// nullText is \null.
func (r *REPL) nullText(c *command) { r.set.null = c.arg(0) }

// limitRows is \limit.
func (r *REPL) limitRows(c *command) {
	if c.arg(0) == "" {
		r.answer("limit %d\n", r.set.limit)
		return
	}
	n, err := strconv.ParseInt(c.arg(0), 10, 64)
	if err != nil || n < 0 {
		r.wrong(c, "0 shows all rows", "\\limit takes a number of rows, not %s", c.arg(0))
		return
	}
	r.set.limit = n
}

// setVariable is \set.
func (r *REPL) setVariable(c *command) {
	name := c.arg(0)
	switch {
	case name == "":
		r.answer("on_error = %s\n", r.set.onError)
		for _, n := range r.set.names() {
			r.answer("%s = %s\n", n, r.set.vars[n])
		}
	case name == "on_error" && len(c.args) == 1:
		r.answer("on_error = %s\n", r.set.onError)
	case name == "on_error":
		if v := strings.ToLower(c.arg(1)); v == "stop" || v == "continue" {
			r.set.onError = v
			return
		}
		r.wrong(c, "", "on_error is stop or continue, not %s", c.arg(1))
	case len(c.args) == 1:
		value, ok := r.set.vars[name]
		if !ok {
			r.wrong(c, "set it: \\set "+name+" value", "there is no variable %s", name)
			return
		}
		r.answer("%s = %s\n", name, value)
	default:
		r.set.vars[name] = c.arg(1)
	}
}
