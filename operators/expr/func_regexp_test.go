package expr

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What PostgreSQL's manual and its regression tests give.
func TestRegexpValues(t *testing.T) {
	checkValues(t, []valueCase{
		{"'thomas' ~ 't.*ma'", "true"}, {"'thomas' ~* 'T.*ma'", "true"}, {"'thomas' !~ 't.*max'", "true"}, {"'thomas' !~* 'T.*ma'", "false"}, {"'abc' ~ 'abc'", "true"}, {"'abc' ~ '^a'", "true"}, {"'abc' ~ '(b|d)'", "true"}, {"'abc' ~ '^(b|c)'", "false"},
		{"'abc' ~ NULL", "NULL"}, {"'a b' ~ '^a b$'", "true"}, {"'xaby' ~ '^.*ab.*$'", "true"}, {"'xab' ~ 'ab$'", "true"}, {"'xab' ~ '^ab'", "false"}, {"'' ~ '^$'", "true"}, {"'x' ~ '^$'", "false"}, {"'x' ~ ''", "true"}, {"'a' || CHR(10) || 'b' ~ 'a.b'", "true"},
		{"REGEXP_LIKE('Hello World', 'world')", "false"}, {"REGEXP_LIKE('Hello World', 'world', 'i')", "true"}, {"REGEXP_LIKE('a' || CHR(10) || 'b', 'a.b', 'n')", "false"}, {"REGEXP_LIKE('a' || CHR(10) || 'b', '^b', 'n')", "true"}, {"REGEXP_LIKE('a' || CHR(10) || 'b', '^b', 'w')", "true"},
		{"REGEXP_LIKE('a' || CHR(10) || 'b', '^b', 'p')", "false"}, {"REGEXP_LIKE('a.b', 'a.b', 'q')", "true"}, {"REGEXP_LIKE('axb', 'a.b', 'q')", "false"}, {"RLIKE('abc', 'b')", "true"},
		{"REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", "bar"}, {"REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)')", "foothebar"}, {"REGEXP_EXTRACT('ab', 'a(x)?b', 1)", "NULL"}, {"REGEXP_EXTRACT('ab', 'x*')", ""}, {"REGEXP_EXTRACT('', 'x*')", ""}, {"REGEXP_EXTRACT('', 'x')", "NULL"}, {"REGEXP_EXTRACT('a-b', '-')", "-"}, {"REGEXP_EXTRACT('ab', '(b)', NULL)", "NULL"},
		{"REGEXP_COUNT('ABCABCAXYaxy', 'A.')", "3"}, {"REGEXP_COUNT('ABCABCAXYaxy', 'A.', 1, 'i')", "4"}, {"REGEXP_COUNT('aaa', '^a')", "1"}, {"REGEXP_COUNT('a a ab', '\\ba\\b')", "2"}, {"REGEXP_COUNT('ABCABCABCABC', 'Abc', 1, 'i')", "4"}, {"REGEXP_COUNT('abc', '')", "4"}, {"REGEXP_COUNT('abc', '', 4)", "1"}, {"REGEXP_COUNT('abc', '', 5)", "0"},
		{"REGEXP_COUNT('a' || CHR(10) || 'a', '^a', 1, 'n')", "2"}, {"REGEXP_COUNT('ïaïa', 'ï', 2)", "1"}, {"REGEXP_COUNT('aaaa', 'aa')", "2"},
		{"REGEXP_INSTR('number of your street, town zip, FR', '[^,]+', 1, 2)", "23"}, {"REGEXP_INSTR('ABCDEFGHI', '(c..)(...)', 1, 1, 0, 'i', 2)", "6"}, {"REGEXP_INSTR('abcdefGHI', 'd.f')", "4"}, {"REGEXP_INSTR('abcdefGHI', 'd.q')", "0"}, {"REGEXP_INSTR('abcabcabc', 'a.c', 1, 2)", "4"}, {"REGEXP_INSTR('abcabcabc', 'a.c', 1, 4)", "0"},
		{"REGEXP_INSTR('abcabcabc', 'A.C', 1, 2, 0, 'i')", "4"}, {"REGEXP_INSTR('1234567890', '(123)(4(56)(78))', 1, 1, 1, 'i', 3)", "7"}, {"REGEXP_INSTR('ïïab', 'ab')", "3"}, {"REGEXP_INSTR('foo', 'foo', 1, 1, 1)", "4"},
		{"REGEXP_SUBSTR('number of your street, town zip, FR', '[^,]+', 1, 2)", " town zip"}, {"REGEXP_SUBSTR('ABCDEFGHI', '(c..)(...)', 1, 1, 'i', 2)", "FGH"}, {"REGEXP_SUBSTR('abcabcabc', 'a.c', 1, 4)", "NULL"}, {"REGEXP_SUBSTR('1234567890', '(123)(4(56)(78))', 1, 1, 'i', 4)", "78"}, {"REGEXP_SUBSTR('abcdef', '^b', 2)", "NULL"},
		{"REGEXP_REPLACE('foobarbaz', 'b..', 'X')", "fooXbaz"}, {"REGEXP_REPLACE('foobarbaz', 'b..', 'X', 'g')", "fooXX"}, {"REGEXP_REPLACE('foobarbaz', 'b(..)', 'X\\1Y', 'g')", "fooXarYXazY"}, {"REGEXP_REPLACE('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 0, 'i')", "X PXstgrXSQL fXnctXXn"}, {"REGEXP_REPLACE('A PostgreSQL function', 'a|e|i|o|u', 'X', 1, 3, 'i')", "A PostgrXSQL function"},
		{"REGEXP_REPLACE('A PostgreSQL function', 'a|e|i|o|u', 'X', 7, 0, 'i')", "A PostgrXSQL fXnctXXn"}, {"REGEXP_REPLACE('A PostgreSQL function', 'a|e|i|o|u', 'X', 1)", "A PXstgreSQL function"},
		{"REGEXP_REPLACE('1112223333', '(\\d{3})(\\d{3})(\\d{4})', '(\\1) \\2-\\3')", "(111) 222-3333"}, {"REGEXP_REPLACE('AAA   BBB   CCC   ', '\\s+', ' ', 'g')", "AAA BBB CCC "}, {"REGEXP_REPLACE('AAA', '^|$', 'Z', 'g')", "ZAAAZ"}, {"REGEXP_REPLACE('AAA aaa', 'A+', 'Z', 'gi')", "Z Z"}, {"REGEXP_REPLACE('abc', 'x*', '-', 'g')", "-a-b-c-"}, {"REGEXP_REPLACE('baaac', 'a*', 'X', 'g')", "XbXcX"},
		{"REGEXP_REPLACE('abc', 'b', '[\\&]')", "a[b]c"}, {"REGEXP_REPLACE('abc', 'b', '\\\\')", "a\\c"}, {"REGEXP_REPLACE('abc', 'b', '\\x\\')", "a\\x\\c"}, {"REGEXP_REPLACE('abc', 'b', '<\\1>')", "a<>c"}, {"REGEXP_REPLACE('abc', 'b', '$1')", "a$1c"}, {"REGEXP_REPLACE('a.b.c', '.', '-', 'gq')", "a-b-c"},
		{"'abc' SIMILAR TO 'abc'", "true"}, {"'abc' SIMILAR TO 'a'", "false"}, {"'abc' SIMILAR TO '%(b|d)%'", "true"}, {"'abc' SIMILAR TO '(b|c)%'", "false"}, {"'abcdefg' SIMILAR TO '_bcd%'", "true"}, {"'abcdefg' SIMILAR TO 'bcd%'", "false"}, {"'abcdefg' SIMILAR TO '_bcd#%' ESCAPE '#'", "false"}, {"'abcd\\efg' SIMILAR TO '_bcd\\%'", "false"},
		{"'abcd%' SIMILAR TO '_bcd#%' ESCAPE '#'", "true"}, {"'abc' NOT SIMILAR TO 'a.c'", "true"}, {"'a.c' SIMILAR TO 'a.c'", "true"}, {"'aXb' SIMILAR TO 'a[^a-z]b'", "true"}, {"'a]b' SIMILAR TO 'a[]]b'", "true"}, {"'a7' SIMILAR TO 'a[[:digit:]]{1,2}'", "true"}, {"'a\\b' SIMILAR TO 'a\\b' ESCAPE ''", "true"}, {"'' SIMILAR TO '%'", "true"}, {"'ab' SIMILAR TO 'a|b'", "false"}, {"NULL SIMILAR TO 'a'", "NULL"}, {"'a^$' SIMILAR TO 'a^$'", "true"},
	})
}

func TestRegexpArrays(t *testing.T) {
	checkValues(t, []valueCase{
		{"REGEXP_MATCH('foobarbequebaz', 'ba.*que')", `["barbeque"]`}, {"REGEXP_MATCH('abc', '(x)?b')", "[null]"}, {"REGEXP_MATCH('aBc', 'b', 'i')", `["B"]`}, {"REGEXP_MATCH('a', NULL)", "NULL"},
		{"REGEXP_SPLIT_TO_ARRAY('the quick brown fox jumps over the lazy dog', '\\s+')", `["the","quick","brown","fox","jumps","over","the","lazy","dog"]`}, {"REGEXP_SPLIT_TO_ARRAY('the quick', '\\s*')", `["t","h","e","q","u","i","c","k"]`}, {"REGEXP_SPLIT_TO_ARRAY('', 'x')", `[""]`}, {"REGEXP_SPLIT_TO_ARRAY('xax', 'X', 'i')", `["","a",""]`}, {"REGEXP_SPLIT_TO_ARRAY('123456','')", `["1","2","3","4","5","6"]`}, {"REGEXP_SPLIT_TO_ARRAY('123456','(?:)')", `["1","2","3","4","5","6"]`}, {"REGEXP_SPLIT_TO_ARRAY('123456','1')", `["","23456"]`}, {"REGEXP_SPLIT_TO_ARRAY('123456','6')", `["12345",""]`}, {"REGEXP_SPLIT_TO_ARRAY('123456','.')", `["","","","","","",""]`},
		{"REGEXP_EXTRACT_ALL('ab', 'a(x)?', 1)", "[null]"}, {"REGEXP_EXTRACT_ALL('', '')", `[""]`}, {"CARDINALITY(REGEXP_EXTRACT_ALL('abcabc', '(b)(c)', 2))", "2"},
	})
	checkBindErrors(t, []bindErrorCase{
		{"REGEXP_MATCH(s1, '(')", "the regular expression lacks a closing )", ""},
		{"REGEXP_EXTRACT_ALL(s1, 'a', 1)", "the regular expression has 0 groups in parentheses, and no group 1", "0 is the whole match"},
		{"REGEXP_MATCH(s1, 'a', 'g')", "the flag g is for REGEXP_REPLACE", ""},
	})
}

func TestRegexpErrors(t *testing.T) {
	checkRunTimeErrors(t, []valueCase{
		{"'a' ~ ('(' || 'a')", "the regular expression lacks a closing )"},
		{"REGEXP_EXTRACT('a', 'a' || 'b', 1)", "the regular expression has 0 groups in parentheses, and no group 1"},
		{"REGEXP_COUNT('a', 'a', 0)", "a search with a regular expression begins at character 1 or later"},
		{"REGEXP_SUBSTR('a', 'a', 1, 0)", "the matches of a regular expression are counted from 1"},
		{"REGEXP_INSTR('a', 'a', 1, 1, 2)", "the end option of REGEXP_INSTR is 0 for the place of the match and 1 for the place behind it"},
		{"REGEXP_REPLACE('a', 'a', 'b', 1, -1)", "REGEXP_REPLACE replaces match 1 or a later one, or with 0 all; there is none below"},
		{"REGEXP_REPLACE(REPEAT('a', 10000), 'a', REPEAT('b', 10000), 'g')", "the result of REGEXP_REPLACE would be longer than 16 MiB, the limit of a text that is put together"},
		{"'a' ~ REPEAT('a', 17000)", "the regular expression is longer than 16 KiB, the limit of one"},
	})
}

func TestRegexpBindErrors(t *testing.T) {
	at := "the regular expression "
	checkBindErrors(t, []bindErrorCase{
		{"s1 ~ '(a'", at + "lacks a closing )", ""}, {"s1 ~ 'a)'", at + "has a ) too many", ""}, {"s1 ~ '[a'", at + "lacks a closing ] for [a", ""}, {"s1 ~ 'a**'", at + "repeats nothing with **", ""}, {"s1 ~* '*'", at + "repeats nothing with *", ""},
		{"s1 ~ '(?=a)'", at + "looks ahead or behind with (?=, which would take more than linear time and is not supported", ""}, {"s1 ~ '(?<=a)b'", at + "looks ahead or behind with (?<=a)b, which would take more than linear time and is not supported", ""},
		{"s1 ~ '(a)\\1'", at + "refers back to a group with \\1, which would take more than linear time and is not supported", ""}, {"s1 ~ '\\q'", at + "has an escape that is none: \\q", ""}, {"s1 ~ 'a\\'", at + "ends with a backslash", ""}, {"s1 ~ '[b-a]'", at + "has a set of characters that is none: b-a", ""},
		{"s1 ~ 'a{2000}'", at + "repeats more than 1000 times, or backwards, with {2000}", ""}, {"s1 ~ '(?P<n'", at + "has a group that is none: (?P<n", ""},
		{"REGEXP_LIKE(s1, 'a', 'z')", "a regular expression has no flag 'z'; there are i, c, g, n, s, p, w and q", ""}, {"REGEXP_LIKE(s1, 'a', 'g')", "the flag g is for REGEXP_REPLACE", ""},
		{"REGEXP_EXTRACT(s1, '(a)(b)', 3)", "the regular expression has 2 groups in parentheses, and no group 3", "0 is the whole match"}, {"REGEXP_REPLACE(s1, '(', '')", at + "lacks a closing )", ""},
		{"s1 SIMILAR TO 'a)(b'", "the pattern has a ) too many", ""}, {"s1 SIMILAR TO 'a[b'", "the pattern lacks a closing ]", ""}, {"s1 SIMILAR TO '(a'", at + "lacks a closing )", ""}, {"s1 SIMILAR TO 'a\\'", "the pattern ends with its escape character", ""}, {"s1 SIMILAR TO 'a' ESCAPE 'xy'", "the ESCAPE of a pattern must be one character, or empty for none", ""},
	})
	_, err := bind("REGEXP_LIKE(s1, 'abc', 'z')", testSchema)
	if e := err.(*Error); e.Span.Start != 23 {
		t.Errorf("bad flags are shown at %d, not at their own place", e.Span.Start)
	}
}

var (
	drawnPatterns = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ï", ".", "x*", "a*?", "(a|b)", "^", "$", "\\b", "\\B", "(?m:^)", "(?m:$)", "[ab]", "\\s", ".*", "(ab)?", "|", "\n"}), 0, 5)
	drawnTexts    = rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "ï", " ", "\n", "x", "\xff", "\xe2\x82", "�"}), 0, 12)
)

// Going through the matches one by one finds what the library finds at once, and
// the shortcuts for simple patterns change nothing.
func TestScanFindsWhatTheLibraryFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(drawnPatterns.Draw(t, "pattern"), "")
		s := []byte(strings.Join(drawnTexts.Draw(t, "text"), ""))
		m, err := compileRegexp([]byte(pattern), patternFlags{lines: rapid.Bool().Draw(t, "lines"), fold: rapid.Bool().Draw(t, "fold")})
		if err != nil {
			t.Skip(err)
		}
		if got, want := m.match(s), m.re.Match(s); got != want {
			t.Fatalf("%q matches %q: %v, the library says %v", pattern, s, got, want)
		}
		var got [][]int
		for c := scanFrom(m, s, 1); ; {
			loc := c.next()
			if loc == nil {
				break
			}
			got = append(got, append([]int(nil), loc...))
		}
		if want := m.re.FindAllSubmatchIndex(s, -1); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q in %q: %v, the library finds %v", pattern, s, got, want)
		}
	})
}

// Compiling any text as a pattern neither panics nor accepts what it cannot match.
func FuzzPatterns(f *testing.F) {
	for _, s := range []string{"a%_[^a-z]", "(a|b){2,3}", "\\d+(?i)x", "[[:alpha:]]", "%s %2$-10L %*I", "[", "\\", "(?"} {
		f.Add(s, "\\", "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, escape, text string) {
		if m, err := compileSimilar([]byte(pattern), []byte(escape)); err == nil {
			m.match([]byte(text))
		}
		if m, err := compileFlagged([]byte(pattern), []byte(escape)); err == nil {
			var r replacement
			r.prepare([]byte(escape))
			if _, err := r.replace(nil, scanFrom(m, []byte(text), 1), 0); err != nil && len(text) < 1000 {
				t.Fatal(err)
			}
		}
		for p := (specs{text: []byte(pattern), args: 2}); ; {
			if _, _, more, err := p.next(); err != nil || !more {
				break
			}
		}
	})
}
