package querytest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"tidemark/parser/source"
)

// The elements of JUnit's XML, as CI servers read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		File    string     `xml:"file,attr"`
		Line    int        `xml:"line,attr,omitempty"`
		Time    string     `xml:"time,attr"`
		Failure *junitText `xml:"failure"`
		Error   *junitText `xml:"error"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes results as JUnit XML: a suite for each file.
func WriteJUnit(w io.Writer, results []*Result) error {
	var all junitSuites
	var elapsed time.Duration
	for _, r := range results {
		s := junitSuite{Name: r.Name, Time: seconds(r.Elapsed)}
		elapsed += r.Elapsed
		for _, t := range r.Tests {
			c := junitCase{Name: t.Name, Class: r.Name, File: r.Name, Line: t.Line, Time: seconds(t.Elapsed)}
			if len(t.Failures) > 0 {
				var b strings.Builder
				for i := range t.Failures {
					b.WriteString(t.Failures[i].Text())
				}
				c.Failure = &junitText{t.Failures[0].Message, b.String()}
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
		if r.Problems.HasErrors() {
			var wrong source.List
			for _, d := range r.Problems {
				if d.Severity == source.Error {
					wrong = append(wrong, d)
				}
			}
			s.Cases = append(s.Cases, junitCase{Name: "the file", Class: r.Name, File: r.Name, Time: "0.000", Error: &junitText{wrong[0].Message, wrong.Render()}})
			s.Errors++
		}
		s.Tests = len(s.Cases)
		all.Suites = append(all.Suites, s)
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
	all.Time = seconds(elapsed)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
