package parser

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"
)

// clauseOrder is the first words of a query's clauses, in their order.
var clauseOrder = []string{"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY", "EMIT", "ORDER", "LIMIT"}

// lateClause says where the clause that begins with t belongs when it stands
// behind a later one of the same SELECT, else "".
func (r *failureReport) lateClause(t *lexer.Token) string {
	k := slices.IndexFunc(clauseOrder, func(c string) bool { return isWord(t, c) })
	if k < 0 {
		return ""
	}
	closed := 0
	for i := r.at - 1; i >= 0; i-- {
		switch before := &r.tokens[i]; {
		case isPunct(before, ")"):
			closed++
		case isPunct(before, "("):
			if closed--; closed < 0 {
				return ""
			}
		case closed > 0:
		case isWord(before, "SELECT"):
			return ""
		default:
			if later := r.clauseAt(i); later > k {
				return clausePhrase(clauseOrder[k]) + " comes before " + clausePhrase(clauseOrder[later])
			}
		}
	}
	return ""
}

// clauseAt returns which clause begins with token i, or −1.
func (r *failureReport) clauseAt(i int) int {
	t, next := &r.tokens[i], &r.tokens[i+1]
	switch {
	case isWord(t, "LATENESS") && i > 0 && isOneOf(&r.tokens[i-1], "ALLOWED", "ALLOW"):
		return slices.Index(clauseOrder, "EMIT") // they stand at the same place
	case isWord(t, "EMIT") && !isOneOf(next, "ON", "FINAL", "CHANGES", "EVERY"),
		isOneOf(t, "GROUP", "ORDER") && !isWord(next, "BY"),
		isOneOf(t, "WINDOW", "QUALIFY", "LIMIT") && !isName(next) && next.Type != numberToken:
		return -1
	}
	return slices.IndexFunc(clauseOrder, func(c string) bool { return isWord(t, c) })
}

// clausePhrase returns a clause's first word with the second that belongs to it.
func clausePhrase(first string) string {
	switch first {
	case "GROUP", "ORDER":
		return first + " BY"
	}
	return first
}
