package expr

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestURLValues(t *testing.T) {
	const u = "'http://user:pw@Example.com:8080/a/b%20c;p=1?k1=v1&k2=&k3&k1=w&%C3%AF=a%26b#frag?x'"
	checkValues(t, []valueCase{
		{"URL_EXTRACT_PROTOCOL(" + u + ")", "http"}, {"URL_EXTRACT_HOST(" + u + ")", "Example.com"}, {"URL_EXTRACT_PORT(" + u + ")", "8080"}, {"URL_EXTRACT_PATH(" + u + ")", "/a/b%20c;p=1"}, {"URL_EXTRACT_QUERY(" + u + ")", "k1=v1&k2=&k3&k1=w&%C3%AF=a%26b"}, {"URL_EXTRACT_FRAGMENT(" + u + ")", "frag?x"},
		{"URL_EXTRACT_PARAMETER(" + u + ", 'k1')", "v1"}, {"URL_EXTRACT_PARAMETER(" + u + ", 'k2')", ""}, {"URL_EXTRACT_PARAMETER(" + u + ", 'k3')", ""}, {"URL_EXTRACT_PARAMETER(" + u + ", 'k4')", "NULL"}, {"URL_EXTRACT_PARAMETER(" + u + ", 'ï')", "a&b"}, {"URL_EXTRACT_PARAMETER('?a=%zz', 'a')", "%zz"}, {"URL_EXTRACT_PARAMETER('x', 'a')", "NULL"}, {"URL_EXTRACT_PARAMETER(" + u + ", NULL)", "NULL"},
		{"URL_EXTRACT_HOST('not a url')", "NULL"}, {"URL_EXTRACT_PATH('not a url')", "not a url"}, {"URL_EXTRACT_HOST('')", "NULL"}, {"URL_EXTRACT_PATH('')", ""}, {"URL_EXTRACT_QUERY('http://h')", "NULL"}, {"URL_EXTRACT_QUERY('http://h?')", ""}, {"URL_EXTRACT_FRAGMENT('http://h#')", ""}, {"URL_EXTRACT_PATH('http://h')", ""}, {"URL_EXTRACT_PROTOCOL('/a:b')", "NULL"}, {"URL_EXTRACT_PROTOCOL('mailto:a@b')", "mailto"}, {"URL_EXTRACT_PATH('mailto:a@b')", "a@b"},
		{"URL_EXTRACT_HOST('http://[::1]:80/x')", "[::1]"}, {"URL_EXTRACT_PORT('http://[::1]:80/x')", "80"}, {"URL_EXTRACT_PORT('http://[::1]/x')", "NULL"}, {"URL_EXTRACT_PORT('http://h/')", "NULL"}, {"URL_EXTRACT_PORT('http://h:99999/')", "NULL"}, {"URL_EXTRACT_PORT('http://h:/')", "NULL"}, {"URL_EXTRACT_PORT('http://h:8a/')", "NULL"}, {"URL_EXTRACT_HOST('//h/x')", "h"}, {"URL_EXTRACT_HOST('http://a@b@h/x')", "h"}, {"URL_EXTRACT_HOST('http://h?x@y')", "h"},
		// Flink's documentation.
		{"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'HOST')", "facebook.com"}, {"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'PATH')", "/path1/p.php"}, {"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'QUERY')", "k1=v1&k2=v2"}, {"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'REF')", "Ref1"},
		{"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'PROTOCOL')", "http"}, {"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'FILE')", "/path1/p.php?k1=v1&k2=v2"}, {"PARSE_URL('http://me:pw@h:1/', 'AUTHORITY')", "me:pw@h:1"}, {"PARSE_URL('http://me:pw@h:1/', 'USERINFO')", "me:pw"}, {"PARSE_URL('http://h/', 'USERINFO')", "NULL"},
		{"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2', 'QUERY', 'k2')", "v2"}, {"PARSE_URL('http://facebook.com/p?k1=a%20b', 'QUERY', 'k1')", "a%20b"}, {"PARSE_URL('http://facebook.com/p?k1=v1', 'QUERY', 'k3')", "NULL"}, {"PARSE_URL('http://facebook.com/p?k1=v1', 'HOST', 'k1')", "NULL"}, {"PARSE_URL('http://h/', 'HO' || 'ST')", "h"}, {"PARSE_URL('http://h/', 'HO' || 'LE')", "NULL"},
		{"URL_ENCODE('http://test.com?a=b c')", "http%3A%2F%2Ftest.com%3Fa%3Db+c"}, {"URL_ENCODE('a-b_c.d*e~')", "a-b_c.d*e%7E"}, {"URL_DECODE('http%3A%2F%2Ftest.com%3Fa%3Db+c')", "http://test.com?a=b c"}, {"URL_DECODE('%')", "NULL"}, {"URL_DECODE('%4')", "NULL"}, {"URL_DECODE('%4g')", "NULL"}, {"URL_DECODE('%ff')", "�"}, {"URL_DECODE('')", ""},
	})
	checkBindErrors(t, []bindErrorCase{
		{"PARSE_URL(s1, 'HOSTS')", "a URL has no part 'HOSTS'", "did you mean 'HOST'?"},
		{"PARSE_URL(s1, 'xyz')", "a URL has no part 'xyz'", "the parts are PROTOCOL, HOST, PATH, QUERY, REF, FILE, AUTHORITY, USERINFO"},
	})
}

// The parts agree with those of the standard library, where that reads a URL, and
// encoding is undone by decoding.
func TestURLsAgainstTheLibrary(t *testing.T) {
	pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"http", "a", "ï", ":", "/", "//", "?", "#", "@", "&", "=", "%41", "%", "+", "[::1]", ":80", " ", ".", "b.c"}), 0, 10)
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, p := range pieces.Draw(t, "pieces") {
			s += p
		}
		if got, ok := appendURLDecoded(nil, appendURLEncoded(nil, []byte(s))); !ok || string(got) != s {
			t.Fatalf("%q is decoded to %q", s, got)
		}
		u := splitURL([]byte(s))
		port, hasPort := u.portNumber()
		want, err := url.Parse(s)
		if err != nil || want.Opaque != "" || strings.HasPrefix(s, "///") {
			return // the library takes all of /// for a path, the standard an empty authority
		}
		host, _ := u.hostName()
		if string(u.protocol) != want.Scheme || unescaped(host) != hostOf(want) || string(u.query) != want.RawQuery || unescaped(u.path) != want.Path {
			t.Fatalf("%q is %q %q %q %q; the library has %#v", s, u.protocol, host, u.path, u.query, want)
		}
		if hasPort != (want.Port() != "" && port <= 65535) {
			t.Fatalf("%q has the port %d, %v; the library has %q", s, port, hasPort, want.Port())
		}
	})
}

func unescaped(part []byte) string {
	s, err := url.PathUnescape(string(part))
	if err != nil {
		return err.Error()
	}
	return s
}

// hostOf is the host with the brackets that belong to an address.
func hostOf(u *url.URL) string {
	h := u.Hostname()
	if len(u.Host) > 0 && u.Host[0] == '[' {
		return "[" + h + "]"
	}
	return h
}
