package agg

import (
	"slices"
	"strings"
)

// Info documents one aggregate.
type Info struct {
	Name       string   // SUM
	Aliases    []string // other names of the same aggregate
	Signatures []string // SUM(DOUBLE) → DOUBLE
	Doc        string   // one or two sentences
	Examples   []Example
}

// Example is a call, what it is computed over, and its value as text: SELECT Call
// FROM From gives one row with Value.
type Example struct{ Call, From, Value string }

// Infos lists the aggregates, sorted by name, for SHOW FUNCTIONS, the reference
// manual and completion.
func Infos() []Info {
	infos := make([]Info, len(table))
	for i, e := range table {
		infos[i] = Info{Name: e.name, Aliases: e.aliases, Signatures: e.signatures, Doc: e.doc, Examples: e.examples}
	}
	return infos
}

// Names returns the names and aliases of all aggregates, sorted.
func Names() []string {
	var names []string
	for _, e := range table {
		names = append(append(names, e.name), e.aliases...)
	}
	slices.Sort(names)
	return names
}

// find returns the entry of a name or alias in any case, nil when there is none.
func find(name string) *entry {
	name = strings.ToUpper(name)
	for i := range table {
		if e := &table[i]; e.name == name || slices.Contains(e.aliases, name) {
			return e
		}
	}
	return nil
}
