package expr

// regexpArrayEntries are the functions of regular expressions that give arrays.
func regexpArrayEntries() []*entry {
	// of is a function of a text, a pattern and either flags or a group.
	of := func(params string, flags, group int, row func(f *frame, i int, m *matcher, to *textElements) (found bool, err error)) []*Function {
		const texts = "ARRAY<STRING>"
		at := flags
		if flags == 0 {
			at = 3 // beyond the arguments
		}
		f := overload(params, texts, func(c *Call) kernel {
			p := newPatternArg(c, 1, at, nil, compileFlagged)
			w := &textElements{}
			return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
				m, err := p.at(f, i)
				if err != nil {
					return to, err
				}
				w.begin()
				found, err := row(f, i, m, w)
				if err != nil {
					return to, err
				}
				if !found {
					f.setNull(i)
					return to, nil
				}
				return w.array(to), nil
			})
		}).lastOptional(1)
		f.check = checkPattern(1, at, group, nil, compileFlagged)
		return []*Function{f}
	}
	return inFamily("regexp", []*entry{
		{name: "REGEXP_MATCH", doc: "The groups of the first match of a regular expression, or the match where it has no groups; NULL where there is none.",
			examples:  [][2]string{{"REGEXP_MATCH('foobarbequebaz', '(bar)(beque)')", `["bar","beque"]`}, {"REGEXP_MATCH('foobarbequebaz', 'bar.*que')", `["barbeque"]`}, {"REGEXP_MATCH('a', 'b')", "NULL"}},
			overloads: of("STRING, STRING, STRING", 2, 0, firstGroups)},
		{name: "REGEXP_EXTRACT_ALL", doc: "Every match of a regular expression, or one group of each.",
			examples:  [][2]string{{"REGEXP_EXTRACT_ALL('a1b22', '[0-9]+')", `["1","22"]`}, {"REGEXP_EXTRACT_ALL('100-200, 300-400', '([0-9]+)-([0-9]+)', 2)", `["200","400"]`}, {"REGEXP_EXTRACT_ALL('a', 'b')", "[]"}},
			overloads: of("STRING, STRING, BIGINT", 0, 2, everyGroup)},
		{name: "REGEXP_SPLIT_TO_ARRAY", aliases: []string{"REGEXP_SPLIT"}, doc: "The parts of the text between the matches of a regular expression.",
			examples:  [][2]string{{"REGEXP_SPLIT_TO_ARRAY('hello world', '\\s+')", `["hello","world"]`}, {"REGEXP_SPLIT_TO_ARRAY('abc', '')", `["a","b","c"]`}},
			overloads: of("STRING, STRING, STRING", 2, 0, splitByMatches)},
	})
}

// firstGroups is a row of REGEXP_MATCH.
func firstGroups(f *frame, i int, m *matcher, to *textElements) (found bool, err error) {
	s := f.text(0, i)
	loc := m.find(s, 0)
	if loc == nil {
		return false, nil
	}
	groups := loc[2:]
	if len(groups) == 0 {
		groups = loc
	}
	for ; len(groups) > 0; groups = groups[2:] {
		to.addGroup(s, groups, 0)
	}
	return true, nil
}

// everyGroup is a row of REGEXP_EXTRACT_ALL.
func everyGroup(f *frame, i int, m *matcher, to *textElements) (found bool, err error) {
	group := int64(0)
	if len(f.args) > 2 {
		group = f.int(2, i)
	}
	if err := m.checkGroup(group); err != nil {
		return false, err
	}
	s := f.text(0, i)
	for c := scanFrom(m, s, 1); ; {
		loc := c.next()
		if loc == nil {
			return true, nil
		}
		to.addGroup(s, loc, group)
	}
}

// addGroup adds a group of a match, NULL for one that took no part.
func (w *textElements) addGroup(s []byte, loc []int, group int64) {
	if loc[2*group] < 0 {
		w.texts.AppendNull()
		return
	}
	w.texts.AppendText(s[loc[2*group]:loc[2*group+1]])
}

// splitByMatches is a row of REGEXP_SPLIT_TO_ARRAY; as in PostgreSQL an empty match
// at the start or the end of the text does not split it.
func splitByMatches(f *frame, i int, m *matcher, to *textElements) (found bool, err error) {
	s, start := f.text(0, i), 0
	for c := scanFrom(m, s, 1); ; {
		loc := c.next()
		if loc == nil {
			to.texts.AppendText(s[start:])
			return true, nil
		}
		if loc[0] == loc[1] && (loc[0] == 0 || loc[0] == len(s)) {
			continue
		}
		to.texts.AppendText(s[start:loc[0]])
		start = loc[1]
	}
}
