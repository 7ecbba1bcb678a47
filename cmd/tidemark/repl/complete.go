package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"tidemark/parser"
)

// completer is a function as the line editor calls it.
type completer func(before string) (candidates []string, typed int)

// Do implements readline.AutoCompleter: it returns the ends of the candidates.
func (c completer) Do(line []rune, pos int) ([][]rune, int) {
	candidates, typed := c(string(line[:pos]))
	before := string(line[:pos])
	prefix := before[len(before)-typed:]
	var ends [][]rune
	for _, s := range candidates {
		// What has been typed stays: only its end can be added.
		if len(s) >= len(prefix) {
			ends = append(ends, []rune(s[len(prefix):]))
		}
	}
	return ends, len([]rune(prefix))
}

// Complete returns what may stand where a line of a statement ends, of which the last
// bytes have been typed: names that are declared, columns, functions, keywords, options,
// paths and meta commands.
func (r *REPL) Complete(before string) (candidates []string, typed int) {
	if c, ok := metaCommand(before); ok || before == "\\" {
		return r.completeMeta(c, before)
	}
	text := r.buffer + before
	if open := openString(text); open >= 0 {
		path := text[open+1:]
		return r.paths(path), len(path) - len(dirOf(path))
	}
	word := before[wordStart(before):]
	if word == "" {
		return nil, 0
	}
	return matching(word, r.words(text, len(text)-len(word))), len(word)
}

// words returns what may stand at a place: columns and names before keywords.
func (r *REPL) words(text string, at int) [][]string {
	names := r.session.Names()
	var relations, columns, functions []string
	inQuery := strings.ToLower(text)
	for _, n := range names {
		if n.Kind == "function" {
			functions = append(functions, n.Name)
			continue
		}
		relations = append(relations, n.Name)
		if strings.Contains(inQuery, strings.ToLower(n.Name)) || !strings.Contains(inQuery, "from ") {
			columns = append(columns, n.Columns...)
		}
	}
	words := r.cfg.Engine.Vocabulary()
	switch previous := lastWord(text[:at]); {
	case slices.Contains([]string{"FROM", "JOIN", "INTO", "DESCRIBE", "STREAM", "TABLE", "VIEW"}, previous):
		return [][]string{relations, parser.Keywords()}
	case previous == "SET" || previous == "RESET":
		return [][]string{words.Settings, parser.Keywords()}
	case strings.HasSuffix(strings.TrimRight(text[:at], " \n"), "WITH (") || inOptions(text[:at]):
		return [][]string{words.Options}
	case strings.HasSuffix(text[:at], "."):
		before := lastWord(strings.TrimSuffix(text[:at], "."))
		for _, n := range names {
			if strings.EqualFold(n.Name, before) {
				return [][]string{n.Columns}
			}
		}
		return [][]string{columns} // of an alias
	}
	return [][]string{columns, relations, functions, words.Functions, parser.Keywords()}
}

// inOptions reports whether a text ends in the brackets of WITH, where a key may stand.
func inOptions(text string) bool {
	at := strings.LastIndex(strings.ToUpper(text), "WITH")
	if at < 0 {
		return false
	}
	rest := strings.TrimSpace(text[at+len("WITH"):])
	return strings.HasPrefix(rest, "(") && !strings.Contains(rest, ")") && strings.HasSuffix(rest, ",")
}

// matching returns the words that begin with what was typed, in its case, each once.
func matching(typed string, lists [][]string) []string {
	var found []string
	for _, list := range lists {
		for _, w := range list {
			if len(w) < len(typed) || !strings.EqualFold(w[:len(typed)], typed) {
				continue
			}
			w = inCase(typed, w)
			if !slices.Contains(found, w) {
				found = append(found, w)
			}
		}
	}
	slices.Sort(found)
	return found
}

// inCase writes a word so that it goes on as it was begun: in lower case where that is
// all lower, as it is where it begins alike.
func inCase(typed, word string) string {
	switch {
	case strings.HasPrefix(word, typed):
		return word
	case typed == strings.ToLower(typed):
		return strings.ToLower(word)
	}
	return typed + strings.ToUpper(word[len(typed):])
}

// wordStart returns where the word at the end of a text begins.
func wordStart(text string) int {
	return strings.LastIndexFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
	}) + 1
}

// lastWord returns the word before the end of a text, in upper case; "" where something
// else stands between.
func lastWord(text string) string {
	text = strings.TrimRight(text, " \t\n")
	return strings.ToUpper(text[wordStart(text):])
}

// openString returns where the string that a text ends in begins, -1 where there is none.
func openString(text string) int {
	at := -1
	for i := range len(text) {
		if text[i] == '\'' {
			if at < 0 {
				at = i
			} else {
				at = -1
			}
		}
	}
	return at
}

// paths returns the files and folders that a path may go on with.
func (r *REPL) paths(path string) []string {
	dir, base := dirOf(path), filepath.Base(path)
	if strings.HasSuffix(path, "/") || path == "" {
		base = ""
	}
	folder := filepath.Join(r.dir, dir)
	if filepath.IsAbs(dir) {
		folder = dir
	}
	if folder == "" {
		folder = "."
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || base == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() {
			name += "/"
		}
		found = append(found, name)
	}
	return found
}

// dirOf returns the folders of a path with their last slash.
func dirOf(path string) string { return path[:strings.LastIndexByte(path, '/')+1] }

// completeMeta completes a meta command or its argument.
func (r *REPL) completeMeta(c command, before string) ([]string, int) {
	before = strings.TrimLeft(before, " \t")
	at := strings.IndexByte(before, ' ')
	if at < 0 {
		var names []string
		for _, d := range metas() {
			names = append(names, d.names...)
		}
		return matching(before[1:], [][]string{names}), len(before) - 1
	}
	word := before[strings.LastIndexByte(before, ' ')+1:]
	switch c.name {
	case "i", "o", "save", "cd":
		return r.paths(word), len(word) - len(dirOf(word))
	case "mode":
		return matching(word, [][]string{modes}), len(word)
	case "x", "timing":
		return matching(word, [][]string{{"on", "off"}}), len(word)
	case "set":
		return matching(word, [][]string{{"on_error"}, r.set.names()}), len(word)
	case "df", "h":
		return matching(word, [][]string{r.cfg.Engine.Vocabulary().Functions}), len(word)
	case "d", "d+", "peek", "late":
		var names []string
		for _, n := range r.session.Names() {
			names = append(names, n.Name)
		}
		return matching(word, [][]string{names}), len(word)
	}
	return nil, 0
}
