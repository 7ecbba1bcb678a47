package expr

import "testing"

// What PostgreSQL's manual and server give, but for the functions it has not.
func TestStringValues(t *testing.T) {
	checkValues(t, []valueCase{
		{"REPEAT('Pg', 4)", "PgPgPgPg"}, {"REPEAT('', 9223372036854775807)", ""}, {"REPEAT('a', 0)", ""}, {"REPEAT('ïx', 5)", "ïxïxïxïxïx"}, {"REPEAT('a', NULL)", "NULL"},
		{"LPAD('hi', 5, 'xy')", "xyxhi"}, {"LPAD('hi', 5)", "   hi"}, {"LPAD('hello', 2, 'xy')", "he"}, {"LPAD('hi', 5, '')", "hi"}, {"LPAD('hi', -3, 'x')", ""}, {"LPAD('ï', 4, 'äö')", "äöäï"},
		{"RPAD('hi', 5, 'xy')", "hixyx"}, {"RPAD('hello', 2, 'xy')", "he"}, {"RPAD('ï', 4, 'äö')", "ïäöä"}, {"RPAD('', 0, 'x')", ""},
		{"'[' || SPACE(3) || ']'", "[   ]"}, {"SPACE(-1)", ""},
		{"OVERLAY('Txxxxas' PLACING 'hom' FROM 2 FOR 4)", "Thomas"}, {"OVERLAY('abcdef' PLACING '45' FROM 4)", "abc45f"}, {"OVERLAY('yabadoo' PLACING 'daba' FROM 5)", "yabadaba"},
		{"OVERLAY('yabadoo' PLACING 'daba' FROM 5 FOR 0)", "yabadabadoo"}, {"OVERLAY('babosa' PLACING 'ubb' FROM 2 FOR 4)", "bubba"}, {"OVERLAY('abc' PLACING 'X' FROM 9 FOR 9223372036854775807)", "abcX"},
		{"OVERLAY('abc' PLACING 'X' FROM 3 FOR -2)", "abXabc"}, {"OVERLAY('naïve' PLACING 'i' FROM 3)", "naive"},
		{"TRANSLATE('12345', '143', 'ax')", "a2x5"}, {"TRANSLATE('abc', '', 'x')", "abc"}, {"TRANSLATE('aïb', 'ïa', 'i')", "ib"}, {"TRANSLATE('aa', 'aa', 'xy')", "xx"}, {"TRANSLATE('abc', 'b', 'ö')", "aöc"}, {"TRANSLATE('abc', 'abc', '')", ""},
		{"INITCAP('hi THOMAS')", "Hi Thomas"}, {"INITCAP('élan vital-x 2nd')", "Élan Vital-X 2nd"},
		{"ASCII('x')", "120"}, {"ASCII('')", "0"}, {"ASCII('😀')", "128512"}, {"CHR(65)", "A"}, {"CHR(128512)", "😀"},
		{"LENGTH('naïve')", "5"}, {"OCTET_LENGTH('naïve')", "6"}, {"BIT_LENGTH('naïve')", "48"}, {"OCTET_LENGTH(CAST('ab' AS BYTES))", "2"}, {"LEN('ab')", "2"}, {"LCASE('Ab')", "ab"}, {"UCASE('Ab')", "AB"},
		{"LOCATE('c', 'abcabc')", "3"}, {"LOCATE('c', 'abcabc', 4)", "6"}, {"LOCATE('', 'abc', 4)", "4"}, {"LOCATE('', 'abc', 5)", "0"}, {"LOCATE('a', 'abc', 0)", "0"}, {"LOCATE('a', 'ïa', 2)", "2"},
		{"SPLIT_INDEX('a,b,c', ',', 2)", "c"}, {"SPLIT_INDEX('a,b,c', ',', 3)", "NULL"}, {"SPLIT_INDEX('abc', ',', 0)", "abc"}, {"SPLIT_INDEX('abc', ',', -1)", "NULL"}, {"SPLIT_INDEX('abc', '', 0)", "abc"}, {"SPLIT_INDEX('abc', '', 1)", "NULL"},
		{"CONCAT_WS(',', 'abcde', 2, NULL, 22)", "abcde,2,22"}, {"CONCAT_WS(NULL, 'a')", "NULL"}, {"CONCAT_WS(',', NULL, NULL)", ""}, {"CONCAT_WS('', 'a', 'b')", "ab"}, {"CONCAT_WS(',', '', 'b')", ",b"},
		{"LEVENSHTEIN('GUMBO', 'GAMBOL')", "2"}, {"LEVENSHTEIN('kitten', 'sitting')", "3"}, {"LEVENSHTEIN('', 'abc')", "3"}, {"LEVENSHTEIN('abc', 'abc')", "0"}, {"LEVENSHTEIN('naïve', 'naive')", "1"}, {"LEVENSHTEIN('abc', 'abdabc')", "3"},
		{"TRIM('yxTomxx', 'xyz')", "Tom"}, {"LENGTH(TRIM(REPEAT('a', 300), REPEAT('ab', 100)))", "0"}, {"BTRIM('äxä', 'ä' || REPEAT('z', 100))", "x"},
		{"REPLACE('abcdefabcdef', 'cd', 'XX')", "abXXefabXXef"},
		{"QUOTE_LITERAL('O''Reilly')", "'O''Reilly'"}, {"QUOTE_IDENT('Foo bar')", `"Foo bar"`}, {"QUOTE_IDENT('a\"b')", `"a""b"`}, {"QUOTE_IDENT('')", `""`}, {"QUOTE_IDENT('1a')", `"1a"`},
		{"FORMAT('Hello %s', 'World')", "Hello World"}, {"FORMAT('Testing %s, %s, %s, %%', 'one', 'two', 'three')", "Testing one, two, three, %"}, {"FORMAT('INSERT INTO %I VALUES(%L)', 'Foo bar', 'O''Reilly')", `INSERT INTO "Foo bar" VALUES('O''Reilly')`},
		{"FORMAT('|%10s|', 'foo')", "|       foo|"}, {"FORMAT('|%-10s|', 'foo')", "|foo       |"}, {"FORMAT('|%*s|', 10, 'foo')", "|       foo|"}, {"FORMAT('|%*s|', -10, 'foo')", "|foo       |"}, {"FORMAT('|%-*s|', 10, 'foo')", "|foo       |"}, {"FORMAT('|%-*s|', -10, 'foo')", "|foo       |"},
		{"FORMAT('Testing %3$s, %2$s, %1$s', 'one', 'two', 'three')", "Testing three, two, one"}, {"FORMAT('|%*2$s|', 'foo', 10, 'bar')", "|       bar|"}, {"FORMAT('|%1$*2$s|', 'foo', 10, 'bar')", "|       foo|"}, {"FORMAT('Testing %3$s, %2$s, %s', 'one', 'two', 'three')", "Testing three, two, three"},
		{"FORMAT('%s', NULL)", ""}, {"FORMAT('%L', NULL)", "NULL"}, {"FORMAT(NULL, 1)", "NULL"}, {"FORMAT('%4s', 'ïï')", "  ïï"}, {"FORMAT('%s', 1.50)", "1.50"}, {"FORMAT('|%5L|', NULL)", "| NULL|"},
	})
}

func TestStringErrors(t *testing.T) {
	checkRunTimeErrors(t, []valueCase{
		{"REPEAT('ab', 8388609)", "the result of REPEAT would be longer than 16 MiB, the limit of a text that is put together"},
		{"REPEAT('ab', 9223372036854775807)", "the result of REPEAT would be longer than 16 MiB, the limit of a text that is put together"},
		{"LPAD('ab', 9223372036854775807, 'x')", "the result of LPAD would be longer than 16 MiB, the limit of a text that is put together"},
		{"RPAD('ab', 8400000, 'ï')", "the result of RPAD would be longer than 16 MiB, the limit of a text that is put together"},
		{"SPACE(16777217)", "the result of SPACE would be longer than 16 MiB, the limit of a text that is put together"},
		{"REPLACE(REPEAT('a', 10000), 'a', REPEAT('b', 10000))", "the result of REPLACE would be longer than 16 MiB, the limit of a text that is put together"},
		{"OVERLAY('abc' PLACING 'X' FROM 0)", "OVERLAY counts from 1; it cannot begin before the first character"},
		{"CHR(0)", "CHR has no character 0; a text holds none"},
		{"CHR(55296)", "there is no character of this number; the largest is 1114111, and 55296 to 57343 are none"},
		{"CHR(-1)", "there is no character of this number; the largest is 1114111, and 55296 to 57343 are none"},
		{"LEVENSHTEIN('a', REPEAT('b', 4097))", "LEVENSHTEIN compares texts of up to 4096 characters, and one is longer"},
		{"FORMAT('%I', NULL)", "a NULL cannot be written as an identifier by %I"},
		{"FORMAT('%*s', 'x', 1)", "the width in a format is not a whole number"},
		{"FORMAT('%*s', '99999999', 1)", "the result of FORMAT would be longer than 16 MiB, the limit of a text that is put together"},
		{"FORMAT('%s' || '%s', 1)", "the format asks for argument 2, but there are 1"},
		{"FORMAT('%s' || '%', 1)", "the format ends within a % specification; write %% for a percent sign"},
	})
}

func TestStringBindErrors(t *testing.T) {
	checkBindErrors(t, []bindErrorCase{
		{"FORMAT('%d', i1)", "a format has no specification %d", "the letters are %s for a text"},
		{"FORMAT('%', 1)", "the format ends within a % specification; write %% for a percent sign", "the letters are"},
		{"FORMAT('%s %s', s1)", "the format asks for argument 2, but there are 1", "the letters are"},
		{"FORMAT('%0$s', s1)", "the arguments of a format are counted from 1", "the letters are"},
		{"FORMAT()", "FORMAT does not take ()", "it is called as FORMAT(STRING, ANY, …) → STRING"},
		{"CONCAT_WS(',')", "CONCAT_WS does not take (STRING)", "it is called as CONCAT_WS(STRING, ANY, …) → STRING"},
		{"REPEAT(i1, 2)", "REPEAT does not take (INT, INT)", "convert it: CAST(i1 AS STRING)"},
	})
}
