package expr

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/operators/data"
)

// Known answers: PostgreSQL's manual and regression tests, and Java's
// DateTimeFormatter.
func TestTimePatterns(t *testing.T) {
	const ts = "TIMESTAMP '2002-04-20 17:31:12.66'"
	checkValues(t, []valueCase{
		// Writing, PostgreSQL.
		{"TO_CHAR(" + ts + ", 'HH12:MI:SS')", "05:31:12"}, {"TO_CHAR(" + ts + ", 'YYYY-MM-DD HH24:MI:SS.MS US FF2')", "2002-04-20 17:31:12.660 660000 66"}, {"TO_CHAR(" + ts + ", 'DAY Day day DY Dy dy')", "SATURDAY  Saturday  saturday  SAT Sat sat"},
		{"TO_CHAR(" + ts + ", 'MONTH FMMonth month MON Mon mon')", "APRIL     April april     APR Apr apr"}, {"TO_CHAR(" + ts + ", 'Y YY YYY YYYY IYYY IYY IY I CC Q WW DDD DD D J IW ID W')", "2 02 002 2002 2002 002 02 2 21 2 16 110 20 7 2452385 16 6 3"},
		{"TO_CHAR(" + ts + ", 'HH24 HH SSSS AM a.m. P.M. pm')", "17 05 63072 PM p.m. P.M. pm"}, {"TO_CHAR(" + ts + ", 'DDth MMTH FMDDth yyyyth')", "20th 04TH 20th 2002nd"}, {"TO_CHAR(" + ts + ", '\"HH:MI:SS is\" HH:MI:SS \"\\\"text between quote marks\\\"\"')", "HH:MI:SS is 05:31:12 \"text between quote marks\""},
		{"TO_CHAR(" + ts + ", 'TZ tz OF TZH:TZM')", "UTC utc +00 +00:00"}, {"TO_CHAR(" + ts + ", 'YYYY A.D. bc')", "2002 A.D. ad"}, {"TO_CHAR(" + ts + ", 'FMHH24:FMMI FMMS')", "17:31 660"}, {"TO_CHAR(TIMESTAMP '2024-01-01 00:05:00', 'HH12 HH24 FMHH24:MI')", "12 00 0:05"}, {"TO_CHAR(DATE '2005-01-01', 'IYYY-IW-ID WW')", "2004-53-6 01"},
		{"TO_CHAR(DATE '0001-12-31', 'YYYY-MM-DD BC')", "0001-12-31 AD"}, {"TO_CHAR(DATE '2024-03-05' AT TIME ZONE 'Asia/Kolkata', 'HH24:MI')", "05:30"},
		// Writing, Java.
		{"DATE_FORMAT(" + ts + ", 'yyyy-MM-dd HH:mm:ss.SSS')", "2002-04-20 17:31:12.660"}, {"DATE_FORMAT(" + ts + ", 'EEEE EEE E MMMM MMM M d/yy h a k K')", "Saturday Sat Sat April Apr 4 20/02 5 PM 17 5"}, {"DATE_FORMAT(" + ts + ", 'yyyyMMddHHmmssSSSSSSSSS')", "20020420173112660000000"},
		{"DATE_FORMAT(" + ts + ", 'yyyy-DDD ''day'' D Q G')", "2002-110 day 110 2 AD"}, {"DATE_FORMAT(" + ts + ", 'z Z X XXX x xx xxx')", "UTC +0000 Z Z +00 +0000 +00:00"}, {"DATE_FORMAT(DATE '2005-01-01', 'YYYY-''W''ww')", "2004-W53"}, {"DATE_FORMAT(TIMESTAMP '2024-01-01 00:30:00', 'hh KK kk HH ''o''''clock''')", "12 00 24 00 o'clock"},
		// Reading, PostgreSQL.
		{"TO_TIMESTAMP('0097/Feb/16 --> 08:14:30', 'YYYY/Mon/DD --> HH:MI:SS')", "0097-02-16T08:14:30Z"}, {"TO_TIMESTAMP('97/2/16 8:14:30', 'FMYYYY/FMMM/FMDD FMHH:FMMI:FMSS')", "1997-02-16T08:14:30Z"}, {"TO_TIMESTAMP('2011$03!18 23_38_15', 'YYYY-MM-DD HH24:MI:SS')", "2011-03-18T23:38:15Z"},
		{"TO_TIMESTAMP('1985 January 12', 'YYYY FMMonth DD')", "1985-01-12T00:00:00Z"}, {"TO_TIMESTAMP('15 \"text between quote marks\" 98 54 45', 'HH24 \"\\\"text between quote marks\\\"\" YY MI SS')", "1998-01-01T15:54:45Z"}, {"TO_TIMESTAMP('05121445482000', 'MMDDHH24MISSYYYY')", "2000-05-12T14:45:48Z"},
		{"TO_TIMESTAMP('9-1114', 'Y-MMDD')", "2009-11-14T00:00:00Z"}, {"TO_TIMESTAMP('95-1114', 'YY-MMDD')", "1995-11-14T00:00:00Z"}, {"TO_TIMESTAMP('995-1116', 'YYY-MMDD')", "1995-11-16T00:00:00Z"}, {"TO_TIMESTAMP('2005426', 'YYYYWWD')", "2005-10-15T00:00:00Z"}, {"TO_DATE('2024-02 3', 'YYYY-MM W')", "2024-02-15"}, {"TO_TIMESTAMP('2005527', 'IYYYIWID')", "2006-01-01T00:00:00Z"}, {"TO_TIMESTAMP('2005340', 'YYYYDDD')", "2005-12-06T00:00:00Z"},
		{"TO_TIMESTAMP('2011-12-18 11:38 PM', 'YYYY-MM-DD HH12:MI PM')", "2011-12-18T23:38:00Z"}, {"TO_TIMESTAMP('2011-12-18 12:38 a.m.', 'YYYY-MM-DD HH12:MI AM')", "2011-12-18T00:38:00Z"}, {"TO_TIMESTAMP('2011-12-18 11:38 -05', 'YYYY-MM-DD HH12:MI TZH')", "2011-12-18T16:38:00Z"}, {"TO_TIMESTAMP('2011-12-18 11:38 +05:20', 'YYYY-MM-DD HH12:MI TZH:TZM')", "2011-12-18T06:18:00Z"},
		{"TO_TIMESTAMP('2018-11-02 12:34:56.1234567', 'YYYY-MM-DD HH24:MI:SS.US')", "2018-11-02T12:34:56.123456Z"}, {"TO_TIMESTAMP('12:34:56.5', 'HH24:MI:SS.MS')", "1970-01-01T12:34:56.5Z"}, {"TO_TIMESTAMP('  2000-01-02  ', 'YYYY-MM-DD')", "2000-01-02T00:00:00Z"}, {"TO_TIMESTAMP('2000JUN', 'YYYY MON')", "2000-06-01T00:00:00Z"},
		{"TO_DATE('2024-03-05', 'yyyy-mm-dd')", "2024-03-05"}, {"TO_DATE('0044-02-01 AD', 'YYYY-MM-DD BC')", "0044-02-01"}, {"TO_DATE('2458872', 'J')", "2020-01-23"}, {"TO_DATE('3rd of May 2024', 'DDth \"of\" FMMonth YYYY')", "2024-05-03"}, {"TO_TIMESTAMP('20240305 3661', 'YYYYMMDD SSSS')", "2024-03-05T01:01:01Z"},
		{"TO_TIMESTAMP('2024-03-05T06:07:08Z', 'YYYY-MM-DD\"T\"HH24:MI:SSTZ')", "2024-03-05T06:07:08Z"},
		// Reading, Java.
		{"TO_TIMESTAMP('2024-03-05 06:07:08', 'yyyy-MM-dd HH:mm:ss')", "2024-03-05T06:07:08Z"}, {"TO_TIMESTAMP('2024-03-05T06:07:08.123+02:00', 'yyyy-MM-dd''T''HH:mm:ss.SSSXXX')", "2024-03-05T04:07:08.123Z"}, {"TO_TIMESTAMP('05/Mar/2024:06:07:08 -0500', 'dd/MMM/yyyy:HH:mm:ss Z')", "2024-03-05T11:07:08Z"},
		{"TO_TIMESTAMP('20240305060708999', 'yyyyMMddHHmmssSSS')", "2024-03-05T06:07:08.999Z"}, {"TO_TIMESTAMP('Tue, 5 Mar 24 12:07 am', 'EEE, d MMM yy hh:mm a')", "2024-03-05T00:07:00Z"}, {"TO_DATE('2024-065', 'yyyy-DDD')", "2024-03-05"}, {"TO_TIMESTAMP('24:30 1', 'kk:mm d')", "1970-01-01T00:30:00Z"},
		{"UNIX_TIMESTAMP('2024-03-05 06:07:08')", "1709618828"}, {"UNIX_TIMESTAMP('2024-03-05 06:07:08.9', 'yyyy-MM-dd HH:mm:ss.S')", "1709618828"}, {"UNIX_TIMESTAMP(TIMESTAMP '1969-12-31 23:59:59.5')", "-1"}, {"FROM_UNIXTIME(-1)", "1969-12-31 23:59:59"},
		{"TO_CHAR(NULL, 'YYYY')", "NULL"}, {"DATE_FORMAT(DATE '2024-01-01', NULL)", "NULL"},
	})
}

func TestTimePatternErrors(t *testing.T) {
	for _, c := range [][2]string{
		{"TO_TIMESTAMP('2024-13-05', 'YYYY-MM-DD')", "'2024-13-05' does not fit the pattern 'YYYY-MM-DD': the month is from 1 to 12, not 13"},
		{"TO_TIMESTAMP('2023-02-29', 'yyyy-MM-dd')", "'2023-02-29' does not fit the pattern 'yyyy-MM-dd': the day is from 1 to 28, not 29"},
		{"TO_TIMESTAMP('2024-03-05 24:00', 'YYYY-MM-DD HH24:MI')", "'2024-03-05 24:00' does not fit the pattern 'YYYY-MM-DD HH24:MI': the hour is from 0 to 23, not 24"},
		{"TO_TIMESTAMP('2024-03-05 13:00', 'YYYY-MM-DD HH12:MI')", "'2024-03-05 13:00' does not fit the pattern 'YYYY-MM-DD HH12:MI': the hour is from 1 to 12, not 13"},
		{"TO_TIMESTAMP('2024/03/05', 'yyyy-MM-dd')", "'2024/03/05' does not fit the pattern 'yyyy-MM-dd': '-' is expected at '/03/05'"},
		{"TO_TIMESTAMP('2024-03-05 x', 'YYYY-MM-DD')", "'2024-03-05 x' does not fit the pattern 'YYYY-MM-DD': 'x' is left over"},
		{"TO_TIMESTAMP('2024-', 'YYYY-MM')", "'2024-' does not fit the pattern 'YYYY-MM': a number is expected at its end"},
		{"TO_TIMESTAMP('2024 Foo', 'YYYY Mon')", "'2024 Foo' does not fit the pattern 'YYYY Mon': the name of a month is expected at 'Foo'"},
		{"TO_TIMESTAMP('2024 2025', 'YYYY YYYY')", "'2024 2025' does not fit the pattern 'YYYY YYYY': two parts of it contradict each other"},
		{"TO_TIMESTAMP('0000-01-01', 'YYYY-MM-DD')", "'0000-01-01' does not fit the pattern 'YYYY-MM-DD': there is no year 0"},
		{"TO_TIMESTAMP('999999999', 'YYYY')", "'999999999' does not fit the pattern 'YYYY': it is outside the years 1 to 9999"},
		{"TO_DATE('44-02-01 BC', 'YYYY-MM-DD BC')", "'44-02-01 BC' does not fit the pattern 'YYYY-MM-DD BC': it is outside the years 1 to 9999"},
		{"TO_TIMESTAMP('9999-12-31 23:00 -05', 'YYYY-MM-DD HH24:MI TZH')", "'9999-12-31 23:00 -05' does not fit the pattern 'YYYY-MM-DD HH24:MI TZH': it is outside the years 1 to 9999"},
		{"TO_TIMESTAMP('2024 CET', 'YYYY TZ')", "'2024 CET' does not fit the pattern 'YYYY TZ': a distance from UTC such as +02:00 is expected at 'CET'"},
		{"FROM_UNIXTIME(9223372036854775807)", errEpoch.Error()},
	} {
		e, err := bind(c[0], nil)
		if err == nil {
			_, err = evalRow(e, &data.Batch{N: 1}, 0)
		}
		if err == nil || cause(err).Error() != c[1] {
			t.Errorf("%s: %v; want %s", c[0], err, c[1])
		}
	}
	for _, c := range [][3]string{
		{"TO_TIMESTAMP(s1, '%Y-%m-%d')", "patterns with % such as '%Y-%m-%d' are not supported", "write 'yyyy-MM-dd HH:mm:ss'"},
		{"TO_TIMESTAMP(s1, 'YYYY-MM-DD HH:mm:ss')", "the pattern 'YYYY-MM-DD HH:mm:ss' names the month twice, as MM and as mm", "write MI for minutes"},
		{"TO_CHAR(t1, 'yyyy-MM-dd HH:mm:ss')", "the pattern 'yyyy-MM-dd HH:mm:ss' names the month twice, as MM and as mm", "write MI for minutes"},
		{"DATE_FORMAT(t1, 'YYYY-MM-DD')", "Y is the year of a week in the pattern 'YYYY-MM-DD', which has no week", "write yyyy for the year"},
		{"DATE_FORMAT(t1, 'yyyy-MM-DD')", "D is the day of the year in the pattern 'yyyy-MM-DD', which has a month too", "write dd"},
		{"DATE_FORMAT(t1, 'yyyy-MM-ddTHH')", "T means nothing in the pattern 'yyyy-MM-ddTHH'", "PostgreSQL's patterns"},
		{"DATE_FORMAT(t1, 'dddd')", "dddd means nothing in the pattern 'dddd'", ""}, {"DATE_FORMAT(t1, '''x')", "a quote in the pattern ''x' is not closed", ""},
		{"TO_CHAR(t1, 'FXYYYY')", "FX in the pattern 'FXYYYY' is not supported", ""}, {"TO_CHAR(t1, '\"x')", "a quote in the pattern '\"x' is not closed", ""},
		{"TO_CHAR(t1, '" + strings.Repeat("Y", 1001) + "')", "the pattern is longer than 1000 bytes", ""},
	} {
		_, err := bind(c[0], testSchema)
		e, ok := err.(*Error)
		if !ok || e.Message != c[1] || !strings.HasPrefix(e.Hint, c[2]) || e.Span.End <= e.Span.Start {
			t.Errorf("%s: %#v", c[0], err)
		}
	}
}

func TestKindsOfPatterns(t *testing.T) {
	for pattern, java := range map[string]bool{
		"yyyy-MM-dd HH:mm:ss": true, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX": true, "dd.MM.yyyy": true, "yyyyMMdd": true, "HH:mm": true, "uuuu-MM-dd": true, "MMM d, yyyy": true, "mm:ss": true, "yyyy 'Day' MM": true,
		"YYYY-MM-DD HH24:MI:SS": false, "yyyy-mm-dd hh24:mi:ss": false, "yyyy-mm-dd": false, "DD Mon YYYY": false, "Month YYYY": false, "YYYY-MM-dd": false, "HH12:MI": false, "J": false, "": false, "dd/mm/yyyy": false, "yyyy \"mm\" MM": true,
	} {
		if got := isJavaPattern(pattern); got != java {
			t.Errorf("isJavaPattern(%q) = %v", pattern, got)
		}
	}
}

// What a pattern with all of a timestamp writes, it reads.
func TestPatternsRoundTrip(t *testing.T) {
	patterns := []string{"YYYY-MM-DD HH24:MI:SS.US", "DDD YYYY HH12:MI:SS.US AM", "J SSSS US", "IYYY-IW-ID HH24MISSUS", "Day, FMDD. FMMonth YYYY HH24:MI:SS.FF6", "YYYYMMDDHH24MISSUS", "DDth Mon YYYY pm HH:MI:SS US OF", "YYYY BC MM DD HH24 MI SS US TZH:TZM"}
	java := []string{"yyyy-MM-dd HH:mm:ss.SSSSSS", "d.M.yyyy h:m:s.SSSSSS a", "yyyyMMddHHmmssSSSSSS", "EEEE, MMMM d, yyyy kk:mm:ss SSSSSSSSS XXX", "yyyy-DDD KK:mm:ss.SSSSSS a Z", "YYYY-'W'ww"}
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64Range(firstYear, 253402300799999999).Draw(t, "us")
		compile, pattern := compilePostgres, rapid.SampledFrom(patterns).Draw(t, "pattern")
		if rapid.Bool().Draw(t, "java") {
			compile, pattern = compileJava, rapid.SampledFrom(java).Draw(t, "java pattern")
		}
		f, err := compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		text := f.append(nil, us)
		var r timeReader
		got, err := r.parse(f, text)
		want := us
		if strings.Contains(pattern, "ww") { // to the week
			day := data.FloorDiv(us, data.Day)
			want = (day - data.FloorMod(day+3, 7)) * data.Day
		}
		if err != nil || got != want {
			t.Fatalf("%s in %q is %q, which is read as %d, %v", data.AppendTimestamp(nil, us), pattern, text, got, err)
		}
	})
}

// No pattern, and no text read by it, panics; what it reads it writes and reads again.
func FuzzTimePattern(f *testing.F) {
	for _, p := range []string{"YYYY-MM-DD HH24:MI:SS.US", "FMDDth \"of\" Month", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "IYYY-IW-ID", "YYYYMMDD", "CC Y,YYY"} {
		f.Add(p, "2024-03-05 06:07:08.5", int64(1709618828500000))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, us int64) {
		for _, compile := range []timeCompiler{compilePostgres, compileJava, compileEither} {
			format, err := compile(pattern)
			if err != nil {
				continue
			}
			var r timeReader
			if got := format.append(nil, us); len(got) > 20*len(pattern)+20 {
				t.Fatalf("%q writes %q", pattern, got)
			}
			_, _ = r.parse(format, []byte(text))
			_, _ = r.parse(format, format.append(nil, us))
		}
	})
}
