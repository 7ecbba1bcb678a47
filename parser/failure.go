package parser

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"tidemark/parser/source"
)

// failureReport is a statement that did not parse, on the way to its diagnostic.
type failureReport struct {
	file     *source.File
	expecter *expecter
	tokens   []lexer.Token // without spaces, with the final EOF
	end      source.Span
	at       int // index of the token that did not fit
	err      error
}

func newFailure(f *source.File, st tokenizedStatement, e *expecter, err error) *failureReport {
	r := &failureReport{file: f, expecter: e, end: st.end, err: err}
	for i := range st.tokens {
		if st.tokens[i].Type != spaceToken {
			r.tokens = append(r.tokens, st.tokens[i])
		}
	}
	offset := errorPosition(err)
	r.at = sort.Search(len(r.tokens)-1, func(i int) bool { return r.tokens[i].Pos.Offset >= offset })
	return r
}

// report adds the diagnostic to errs.
func (r *failureReport) report(errs *source.List) {
	var own *syntaxError
	if errors.As(r.err, &own) && own.message != "" {
		errs.Errorf(r.file, own.span, own.hint, "%s", own.message)
		return
	}
	if strings.HasPrefix(r.err.Error(), "too many iterations") {
		errs.Errorf(r.file, r.span(r.at), "split the statement", "a list has more than %d parts", participle.MaxIterations)
		return
	}
	if found, ok := r.unsupported(); ok {
		errs.Errorf(r.file, r.span(found.from).Join(r.span(found.to)), found.hint, "%s", found.message)
		return
	}
	if own != nil {
		set := expectedSet{shown: own.expected, near: own.expected, closes: own.open != nil}
		r.describe(set, own.hint, errs)
		return
	}
	if r.at > 0 && r.misspelt(r.at-1) {
		r.at--
	}
	r.describe(r.expecter.at(r.tokens[:r.at]), "", errs)
}

// misspelt reports whether token i, which was taken for a name, was rather meant
// to be a keyword that could stand there.
func (r *failureReport) misspelt(i int) bool {
	t := &r.tokens[i]
	if t.Type != identToken || i > 0 && isWord(&r.tokens[i-1], "AS") {
		return false
	}
	if next := &r.tokens[r.at]; isBareWord(next) && similar(next.Value, r.expecter.like(r.tokens[:r.at], next.Value).near) != "" {
		return false
	}
	set := r.expecter.like(r.tokens[:i], t.Value)
	if slices.ContainsFunc(set.near, func(word string) bool { return isWord(t, word) }) {
		return false // it was the keyword, and what follows it is wrong
	}
	if set.operator && len(t.Value) < 4 {
		return false // short aliases resemble some operator by chance
	}
	return similar(t.Value, set.near) != ""
}

// similar is source.Near for words that begin alike or have the same letters: a
// name is only taken for a misspelt keyword when it looks like one.
func similar(word string, keywords []string) string {
	var alike []string
	for _, k := range keywords {
		if !strings.EqualFold(k, word) && len(k) > 2 && (strings.EqualFold(k[:1], word[:1]) || sameLetters(k, word)) {
			alike = append(alike, k)
		}
	}
	return source.Near(word, alike)
}

func sameLetters(a, b string) bool {
	sorted := func(s string) string {
		letters := strings.Split(strings.ToUpper(s), "")
		sort.Strings(letters)
		return strings.Join(letters, "")
	}
	return len(a) == len(b) && sorted(a) == sorted(b)
}

// describe says what stands at the place and what could stand there.
func (r *failureReport) describe(set expectedSet, hint string, errs *source.List) {
	t := &r.tokens[r.at]
	at := r.span(r.at)
	if r.at > 0 && isPunct(&r.tokens[r.at-1], ",") && (isPunct(t, ")") || t.EOF() || t.Type == keywordToken && !r.begins(t)) {
		errs.Errorf(r.file, r.span(r.at-1), "remove the comma, or write what comes after it", `trailing "," before %s`, r.show(t))
		return
	}
	open := openParenthesis(r.tokens[:r.at])
	if isPunct(t, ")") && open < 0 {
		errs.Errorf(r.file, at, "remove it, or add the opening one", `")" has no "(" before it`)
		return
	}
	if set.closes && open >= 0 {
		if begin := &r.tokens[open+1]; open+1 < r.at && isBareWord(begin) && isWord(t, "FROM") && similar(begin.Value, []string{"SELECT"}) != "" {
			errs.Errorf(r.file, tokenSpan(begin), "did you mean SELECT?", "unexpected %s, expected SELECT", begin.Value)
			return
		}
		line, column := r.file.Position(r.tokens[open].Pos.Offset)
		if t.EOF() || t.Type == keywordToken || t.Type == clauseToken {
			errs.Errorf(r.file, at, "", `missing ")" before %s: the "(" at line %d, column %d is not closed`, r.show(t), line, column)
			return
		}
		if hint == "" {
			hint = fmt.Sprintf(`the "(" at line %d, column %d is still open`, line, column)
		}
	}
	if late := r.lateClause(t); late != "" {
		hint = late
	} else if near := r.near(t, set.near); near != "" {
		hint = "did you mean " + near + "?"
		if slices.Contains(operatorWords, near) {
			set.shown = append([]string{"an operator"}, set.shown...)
		}
	} else if set.operator && t.Type != punctToken && t.Type != keywordToken && !t.EOF() {
		set.shown = append([]string{"an operator"}, set.shown...)
	} else if open < 0 && hint == "" && isOneOf(t, "SELECT", "INSERT", "CREATE", "DROP", "EXPLAIN", "SET", "SHOW") && slices.Contains(set.shown, endOfStatement) {
		hint = `write ";" between statements`
	}
	if k := r.at; isPunct(t, ".") && k > 1 && isOneOf(&r.tokens[k-2], "FROM", "JOIN") && k+1 < len(r.tokens) {
		hint = "a stream's name has one part, and a file's stands in quotes: '" + r.tokens[k-1].Value + "." + r.tokens[k+1].Value + "'"
	}
	message := "unexpected " + strings.TrimPrefix(r.show(t), "the ")
	if len(set.shown) > 0 {
		message += ", expected " + list(set.shown)
	}
	errs.Errorf(r.file, at, hint, "%s", message)
}

// begins reports whether the keyword t can begin an expression.
func (r *failureReport) begins(t *lexer.Token) bool {
	return isOneOf(t, "NOT", "NULL", "TRUE", "FALSE", "CASE")
}

// near returns the keyword among the expected ones that t was meant to be.
func (r *failureReport) near(t *lexer.Token, expected []string) string {
	if !isBareWord(t) || len(t.Value) < 2 {
		return ""
	}
	var words []string
	for _, e := range expected {
		if first, _, _ := strings.Cut(e, " "); first == strings.ToUpper(first) && first[0] >= 'A' && !strings.EqualFold(first, t.Value) {
			words = append(words, first)
		}
	}
	if len(t.Value) < 4 || slices.Contains(Keywords(), strings.ToUpper(t.Value)) {
		return similar(t.Value, words)
	}
	return source.Near(t.Value, words)
}

// span returns the place of token i; for the end, that of the semicolon.
func (r *failureReport) span(i int) source.Span {
	if r.tokens[i].EOF() {
		return r.end
	}
	return tokenSpan(&r.tokens[i])
}

// show returns a token as messages call it.
func (r *failureReport) show(t *lexer.Token) string {
	switch {
	case t.EOF():
		return endOfStatement
	case t.Type == punctToken:
		return `"` + t.Value + `"`
	}
	return shorten(t.Value)
}

// shorten cuts long text for a message.
func shorten(text string) string {
	const longest = 40
	first, _, more := strings.Cut(text, "\n")
	if utf8.RuneCountInString(first) > longest {
		first, more = string([]rune(first)[:longest]), true
	}
	if more {
		first += "…"
	}
	return strings.ToValidUTF8(first, "\uFFFD")
}
