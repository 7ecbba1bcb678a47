package expr

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// JSONClauses say what the result of JSON_VALUE, JSON_QUERY and JSON_EXISTS is
// made into. The zero value is what they do without clauses.
type JSONClauses struct {
	// Returning is the type of the result; Unknown leaves it as it is.
	Returning data.Type
	// OnEmpty is for a path that leads to nothing, OnError for a document that is not
	// JSON, a path that it does not have, and a value that is not what is wanted.
	OnEmpty, OnError JSONBehavior
	// Wrapper is "", "WITH" or "CONDITIONAL": whether what JSON_QUERY finds becomes
	// an array, or only where it is not one value.
	Wrapper string
}

// JSONBehavior is what the result is where there is none.
type JSONBehavior struct {
	// Kind is NULL, ERROR, DEFAULT, TRUE, FALSE, UNKNOWN, EMPTY ARRAY or EMPTY
	// OBJECT; "" is what the function does when nothing is written.
	Kind    string
	Default Expr // of DEFAULT
	At      source.Span
}

// jsonBehaviors lists what each function knows.
var jsonBehaviors = map[string][]string{
	"JSON_VALUE": {"NULL", "ERROR", "DEFAULT"}, "JSON_QUERY": {"NULL", "ERROR", "DEFAULT", "EMPTY ARRAY", "EMPTY OBJECT"},
	"JSON_EXISTS": {"TRUE", "FALSE", "UNKNOWN", "ERROR"},
}

// NewJSONCall calls JSON_VALUE, JSON_QUERY or JSON_EXISTS with clauses.
func NewJSONCall(name string, args []Expr, c JSONClauses, at source.Span) (Expr, error) {
	for _, b := range []struct {
		JSONBehavior
		where string
	}{{c.OnEmpty, "EMPTY"}, {c.OnError, "ERROR"}} {
		if b.Kind != "" && (!slices.Contains(jsonBehaviors[name], b.Kind) || name == "JSON_EXISTS" && b.where == "EMPTY") {
			return nil, errorf(b.At, "leave it out", "%s knows no %s ON %s", name, b.Kind, b.where)
		}
	}
	found, err := NewCall(name, args, at)
	if err != nil {
		return nil, err
	}
	wanted := name
	if c.Wrapper != "" {
		wanted += " wrapped"
		if found, err = NewCall(jsonWrapName, append(slices.Clone(args), BoolLiteral(c.Wrapper == "CONDITIONAL", at)), at); err != nil {
			return nil, err
		}
	}
	if c.Returning.Kind != data.Unknown {
		if found, err = c.returning(found, at); err != nil {
			return nil, err
		}
	}
	return c.guarded(found, args, wanted, at)
}

// returning converts a value that was found; what cannot be converted is an error.
func (c *JSONClauses) returning(found Expr, at source.Span) (Expr, error) {
	cast, err := NewCast(found, c.Returning, c.OnError.Kind != "ERROR", at)
	if err != nil || c.OnError.Kind != "DEFAULT" {
		return cast, err
	}
	none, err := NewCall("IS NULL", []Expr{found}, at)
	if err != nil {
		return nil, err
	}
	otherwise, err := NewCast(c.OnError.Default, c.Returning, false, at)
	if err != nil {
		return nil, err
	}
	if otherwise, err = NewCase([]When{{none, NullLiteral(c.Returning, at)}}, otherwise, at); err != nil {
		return nil, err
	}
	return NewCall("COALESCE", []Expr{cast, otherwise}, at)
}

// guarded looks at what became of the path before the value is taken.
func (c *JSONClauses) guarded(found Expr, args []Expr, wanted string, at source.Span) (Expr, error) {
	if c.OnEmpty.Kind == "ERROR" {
		wanted += " or fail when empty"
	}
	if c.OnError.Kind == "ERROR" {
		wanted += " or fail"
	}
	state, err := NewCall(jsonStateName, append(slices.Clone(args), StringLiteral(wanted, at)), at)
	if err != nil {
		return nil, err
	}
	var whens []When
	fails := false
	for i, b := range []JSONBehavior{c.OnEmpty, c.OnError} {
		value := b.value(found.Type(), at)
		if value == nil {
			fails = fails || b.Kind == "ERROR"
			continue
		}
		if value, err = NewCast(value, found.Type(), false, at); err != nil {
			return nil, err
		}
		is, err := NewCall("=", []Expr{state, IntLiteral(int64(jsonEmpty+i), at)}, at)
		if err != nil {
			return nil, err
		}
		whens = append(whens, When{is, value})
	}
	if whens == nil {
		if !fails {
			return found, nil
		}
		failed, err := NewCall("<>", []Expr{state, IntLiteral(jsonFound, at)}, at)
		if err != nil {
			return nil, err
		}
		whens = []When{{failed, NullLiteral(found.Type(), at)}}
	}
	return NewCase(whens, found, at)
}

// value returns the value of a behaviour, nil where it is NULL or has none.
func (b *JSONBehavior) value(t data.Type, at source.Span) Expr {
	switch b.Kind {
	case "DEFAULT":
		return b.Default
	case "TRUE":
		return BoolLiteral(true, at)
	case "UNKNOWN":
		return NullLiteral(t, at)
	case "EMPTY ARRAY":
		return StringLiteral("[]", at)
	case "EMPTY OBJECT":
		return StringLiteral("{}", at)
	}
	return nil
}

// The functions that only clauses call.
const (
	jsonStateName = "JSON PATH STATE"
	jsonWrapName  = "JSON PATH ARRAY"
)

// What becomes of a path, as JSON PATH STATE has it.
const (
	jsonFound = iota
	jsonEmpty
	jsonFailed
)

// jsonClauseEntries are the functions behind the clauses.
func jsonClauseEntries() []*entry {
	const j, s = data.JSON, data.String
	return []*entry{
		{name: jsonStateName, internal: true, overloads: documents(Function{Params: []data.Kind{j, s, s}, Returns: data.Int, kernel: jsonStateKernel})},
		{name: jsonWrapName, internal: true, overloads: documents(Function{Params: []data.Kind{j, s, data.Boolean}, Returns: j, nullable: true, kernel: jsonWrapKernel})},
	}
}

// jsonStateKernel follows a path and tells what became of it, or fails, as the
// constant argument 2 says: "JSON_QUERY wrapped or fail".
func jsonStateKernel(c *Call) kernel {
	run, paths, checked := &pathRun{}, newPrepared(1, compilePath), isChecked(c)
	wanted := ""
	if l, ok := c.Args[2].(*Literal); ok && !l.IsNull() { // the clauses make it one
		wanted = string(l.Value.Text(0))
	}
	scalar, several := strings.HasPrefix(wanted, "JSON_VALUE"), strings.HasPrefix(wanted, "JSON_EXISTS") || strings.Contains(wanted, " wrapped")
	failEmpty, fail := strings.Contains(wanted, " or fail when empty"), strings.HasSuffix(wanted, " or fail")
	return intRows(func(f *frame, i int) (int64, error) {
		path, err := paths.of(f, i)
		if err != nil {
			return 0, err
		}
		document := f.text(0, i)
		reason := ""
		switch result := run.follow(path, document, checked); {
		case result == pathInvalid && fail:
			return 0, notJSON(document)
		case result == pathInvalid:
			return jsonFailed, nil
		case result == pathMissed:
			reason = "the document does not have"
		case len(run.found) == 0 && failEmpty:
			return 0, fmt.Errorf("there is nothing at the path '%s'", f.text(1, i))
		case len(run.found) == 0:
			return jsonEmpty, nil
		case len(run.found) > 1 && !several:
			reason = "there is more than one value at"
		case scalar && (run.found[0][0] == '{' || run.found[0][0] == '['):
			reason = "there is a JSON " + jsonKind(run.found[0]) + " and no scalar at"
		default:
			return jsonFound, nil
		}
		if fail {
			return 0, fmt.Errorf("%s the path '%s'", reason, f.text(1, i))
		}
		return jsonFailed, nil
	})
}

// writeState writes a call of JSON PATH STATE as STATE OF JSON_VALUE(document, path);
// false of other calls.
func (c *Call) writeState(b *strings.Builder) bool {
	if c.Func.Name != jsonStateName {
		return false
	}
	of, ok := c.Args[2].(*Literal)
	if !ok || of.Value.IsNull(0) {
		return false
	}
	name, _, _ := strings.Cut(string(of.Value.Text(0)), " ")
	b.WriteString("STATE OF " + name + "(" + c.Args[0].String() + ", " + c.Args[1].String() + ")")
	return true
}

// jsonWrapKernel makes an array of what a path leads to; where argument 2 is TRUE,
// only of what is not one value.
func jsonWrapKernel(c *Call) kernel {
	run, paths, checked := &pathRun{}, newPrepared(1, compilePath), isChecked(c)
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		ok, err := followRow(run, paths, f, i, checked)
		if err != nil {
			return to, err
		}
		if !ok || len(run.found) == 0 {
			f.setNull(i)
			return to, nil
		}
		if v := f.args[2]; len(run.found) == 1 && v.Bools[v.Index(i)] {
			return append(to, run.found[0]...), nil
		}
		to = append(to, '[')
		to = append(to, bytes.Join(run.found, []byte(","))...)
		return append(to, ']'), nil
	})
}
