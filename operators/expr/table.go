package expr

import (
	"slices"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// Function is one overload of a function or operator.
type Function struct {
	// Name is the canonical name, upper case for functions and word operators.
	Name string
	// Params are the kinds of the parameters; data.Unknown accepts every type.
	// Decimal accepts any precision and scale.
	Params []data.Kind
	// Optional is how many of the last parameters may be left out.
	Optional int
	// Variadic repeats the last parameter any number of times.
	Variadic bool
	// Returns is the kind of the result; of a Decimal, result gives the rest.
	Returns data.Kind

	// generic is the signature of an overload over ARRAY<T> and the like, in place
	// of Params and Returns.
	generic *generic
	// result works out a result type that depends on the arguments.
	result func(args []Expr) data.Type
	// check refuses arguments that have the right types but cannot be right.
	check func(args []Expr, at source.Span) error
	// kernel builds the evaluator of one call; nil for the operators that the
	// compiler evaluates itself because they guard their arguments.
	kernel func(c *Call) kernel
	// safe means that the kernel cannot fail, whatever the values.
	safe bool
	// dense means that the kernel is cheaper to run over rows that are NULL or
	// not asked for than to keep from them. Such a kernel is safe, its result is
	// of fixed width, and it may compute rows beyond frame.rows.
	dense bool
	// nullable means that the kernel sees NULL arguments and sets NULL results
	// itself; other kernels give NULL where an argument is NULL, unasked.
	nullable bool
}

// entry is one name of the function table.
type entry struct {
	name    string
	aliases []string
	family  string
	doc     string
	// examples are pairs of an expression and its value as text; "NULL" stands for NULL.
	examples [][2]string
	// overloads are tried in order; the one that needs the fewest casts wins.
	overloads []*Function
	// bind replaces overload resolution for names that stand for other expressions.
	bind func(e *entry, args []Expr, at source.Span) (Expr, error)
	// signatures document an entry that has a bind.
	signatures []string
	// elsewhere is set where the grammar or the planner binds the name, because it
	// has a form of its own or needs the query around it: it is documented here.
	elsewhere bool
	// internal entries are what others are bound to: nobody calls them.
	internal bool
	// given are statements, and from a FROM clause, that the examples need.
	given, from string
	// refused is why a name that users expect is not to be had: what follows
	// "RANDOM is refused, because". hint says what to write instead. A refused
	// entry has nothing else, and SHOW FUNCTIONS does not list it.
	refused, hint string
}

// FunctionInfo documents one function or operator.
type FunctionInfo struct {
	Name       string   // LENGTH, "+"
	Aliases    []string // other names of the same function
	Family     string   // "string", "math", "time", "conditional", "operator"
	Signatures []string // LENGTH(STRING) → BIGINT
	Doc        string   // one sentence
	Examples   []Example
}

// Example is an expression and its value as text. Most need no columns; From is
// the FROM clause of the others, and Given has the statements before.
type Example struct{ Expr, Value, From, Given string }

var (
	// families are the parts of the function table; adding a function is adding
	// an entry to one of them. Nothing changes after init.
	families [][]*entry
	// byName finds an entry by its upper-case name or alias.
	byName map[string]*entry
)

// The binders of some entries call NewCall, which reads the table: that is why
// it is filled here and not where it is declared.
func init() {
	families = [][]*entry{operatorEntries(), conditionalEntries(), stringEntries(), stringBuildEntries(), distanceEntries(), formatEntries(),
		regexpOperatorEntries(), regexpEntries(), mathEntries(), hashEntries(), urlEntries(), timeEntries(), jsonEntries(), constructorEntries(), arrayEntries(), arrayChangeEntries(), arrayTextEntries(),
		mapEntries(), anyEntries(), queryEntries(), rowEntries()}
	byName = indexNames(families)
}

func indexNames(families [][]*entry) map[string]*entry {
	m := map[string]*entry{}
	for _, f := range families {
		for _, e := range f {
			m[e.name] = e
			for _, o := range e.overloads {
				o.Name = e.name
			}
			for _, a := range e.aliases {
				m[a] = e
			}
		}
	}
	return m
}

// Functions lists the function table, sorted by family and name, for SHOW
// FUNCTIONS, the reference manual and completion.
func Functions() []FunctionInfo {
	var infos []FunctionInfo
	for _, f := range families {
		for _, e := range f {
			if e.refused != "" || e.internal {
				continue
			}
			info := FunctionInfo{Name: e.name, Aliases: e.aliases, Family: e.family, Doc: e.doc, Signatures: e.signs()}
			for _, x := range e.examples {
				info.Examples = append(info.Examples, Example{Expr: x[0], Value: x[1], From: e.from, Given: e.given})
			}
			infos = append(infos, info)
		}
	}
	slices.SortStableFunc(infos, func(a, b FunctionInfo) int {
		if c := strings.Compare(a.Family, b.Family); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return infos
}

// signs returns how an entry may be called.
func (e *entry) signs() []string {
	if e.signatures != nil {
		return e.signatures
	}
	var s []string
	for _, o := range e.overloads {
		s = append(s, o.signature(e))
	}
	return s
}

// signature writes an overload as "LEFT(STRING, BIGINT) → STRING".
func (f *Function) signature(e *entry) string {
	params, returns := f.written()
	if e.family == "operator" && len(params) == 2 {
		return params[0] + " " + e.name + " " + params[1] + " → " + returns
	}
	var b strings.Builder
	b.WriteString(e.name)
	b.WriteByte('(')
	for i, p := range params {
		if i >= len(params)-f.Optional {
			b.WriteByte('[')
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p)
	}
	if f.Variadic {
		b.WriteString(", …")
	}
	b.WriteString(strings.Repeat("]", f.Optional))
	b.WriteString(") → ")
	b.WriteString(returns)
	return b.String()
}

// written returns the types of the parameters and the result as they are written.
func (f *Function) written() (params []string, returns string) {
	if g := f.generic; g != nil {
		for _, p := range g.params {
			params = append(params, p.text)
		}
		return params, g.returns.text
	}
	for _, k := range f.Params {
		params = append(params, kindName(k))
	}
	return params, kindName(f.Returns)
}

// arity returns how many parameters the overload names.
func (f *Function) arity() int {
	if f.generic != nil {
		return len(f.generic.params)
	}
	return len(f.Params)
}

func kindName(k data.Kind) string {
	if k == data.Unknown {
		return "ANY"
	}
	return k.String()
}
