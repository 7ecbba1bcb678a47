package expr

import (
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

// urlEntries take URLs apart. A part that a URL has not is NULL; parts are given
// as they are written, but for parameters, which are decoded.
func urlEntries() []*entry {
	const s = data.String
	part := func(name string, aliases []string, doc, example, value string, of func(u urlParts) ([]byte, bool)) *entry {
		return &entry{name: name, aliases: aliases, doc: doc, examples: [][2]string{{example, value}}, overloads: []*Function{
			textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				x, ok := of(splitURL(f.text(0, i)))
				if !ok {
					f.setNull(i)
				}
				return append(to, x...), nil
			}, s).total()}}
	}
	const url = "'https://me@example.com:8080/a%20b/c?k=v+1&x#top'"
	return inFamily("url", []*entry{
		part("URL_EXTRACT_PROTOCOL", nil, "The protocol of a URL.", "URL_EXTRACT_PROTOCOL("+url+")", "https", func(u urlParts) ([]byte, bool) { return u.protocol, u.protocol != nil }),
		part("URL_EXTRACT_HOST", nil, "The host of a URL.", "URL_EXTRACT_HOST("+url+")", "example.com", urlParts.hostName),
		part("URL_EXTRACT_PATH", nil, "The path of a URL; it may be empty.", "URL_EXTRACT_PATH("+url+")", "/a%20b/c", func(u urlParts) ([]byte, bool) { return u.path, true }),
		part("URL_EXTRACT_QUERY", nil, "What follows the ? of a URL.", "URL_EXTRACT_QUERY("+url+")", "k=v+1&x", func(u urlParts) ([]byte, bool) { return u.query, u.query != nil }),
		part("URL_EXTRACT_FRAGMENT", nil, "What follows the # of a URL.", "URL_EXTRACT_FRAGMENT("+url+")", "top", func(u urlParts) ([]byte, bool) { return u.fragment, u.fragment != nil }),
		{name: "URL_EXTRACT_PORT", doc: "The port number in a URL.", examples: [][2]string{{"URL_EXTRACT_PORT(" + url + ")", "8080"}},
			overloads: []*Function{intFunction(data.Int, func(f *frame, i int) (int64, error) {
				port, ok := splitURL(f.text(0, i)).portNumber()
				if !ok {
					f.setNull(i)
				}
				return port, nil
			}, s).total()}},
		{name: "URL_EXTRACT_PARAMETER", doc: "The first value of a parameter in the query of a URL, decoded.", examples: [][2]string{{"URL_EXTRACT_PARAMETER(" + url + ", 'k')", "v 1"}, {"URL_EXTRACT_PARAMETER(" + url + ", 'y')", "NULL"}},
			overloads: []*Function{textFunction(nil, s, s).perCall(func(*Call) kernel {
				var name []byte // decoded
				return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
					var ok bool
					if to, ok = appendParameter(to, splitURL(f.text(0, i)).query, f.text(1, i), &name); !ok {
						f.setNull(i)
					}
					return to, nil
				})
			}).total()}},
		{name: "PARSE_URL", doc: "A part of a URL: PROTOCOL, HOST, PATH, QUERY, REF, FILE, AUTHORITY or USERINFO, or one parameter of its QUERY, as it is written.",
			examples:  [][2]string{{"PARSE_URL('http://facebook.com/path1/p.php?k1=v1&k2=v2#Ref1', 'HOST')", "facebook.com"}, {"PARSE_URL('http://facebook.com/path/p1.php?query=1', 'QUERY', 'query')", "1"}},
			overloads: []*Function{parseURLFunction()}},
		{name: "URL_ENCODE", aliases: []string{"URL_ENCODE_PARAM"}, doc: "The text as a value of a form in a URL: a blank is +, other bytes than letters, digits and -._* are %XX.",
			examples:  [][2]string{{"URL_ENCODE('a b&ï')", "a+b%26%C3%AF"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return appendURLEncoded(to, f.text(0, i)), nil }, s).total()}},
		{name: "URL_DECODE", aliases: []string{"URL_DECODE_PARAM"}, doc: "The text that URL_ENCODE made a text of; NULL where that is damaged.",
			examples: [][2]string{{"URL_DECODE('a+b%26%C3%AF')", "a b&ï"}, {"URL_DECODE('%zz')", "NULL"}},
			overloads: []*Function{textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
				to, ok := appendURLDecoded(to, f.text(0, i))
				if !ok {
					f.setNull(i)
				}
				return to, nil
			}, s).total()}},
	})
}

var urlPartNames = []string{"PROTOCOL", "HOST", "PATH", "QUERY", "REF", "FILE", "AUTHORITY", "USERINFO"}

// parseURLFunction is PARSE_URL of Flink and Hive. A name of a part that there is
// none of gives NULL, as there; a constant one is refused.
func parseURLFunction() *Function {
	const s = data.String
	f := textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
		u := splitURL(f.text(0, i))
		x, ok := u.named(f.text(1, i))
		if ok && len(f.args) == 3 {
			if ok = string(f.text(1, i)) == "QUERY"; ok {
				x, ok = rawParameter(u.query, f.text(2, i))
			}
		}
		if !ok {
			f.setNull(i)
			return to, nil
		}
		return append(to, x...), nil
	}, s, s, s).lastOptional(1).total()
	f.check = func(args []Expr, _ source.Span) error {
		name, ok := constantText(args, 1)
		if !ok {
			return nil
		}
		for _, known := range urlPartNames {
			if known == string(name) {
				return nil
			}
		}
		hint := "the parts are " + strings.Join(urlPartNames, ", ")
		if near := source.Near(strings.ToUpper(string(name)), urlPartNames); near != "" {
			hint = "did you mean " + quote(near) + "?"
		}
		return errorf(args[1].Span(), hint, "a URL has no part %s", quote(string(name)))
	}
	return f
}

// named returns the part of a URL that PARSE_URL calls by a name.
func (u urlParts) named(name []byte) ([]byte, bool) {
	switch string(name) {
	case "PROTOCOL":
		return u.protocol, u.protocol != nil
	case "HOST":
		return u.hostName()
	case "PATH":
		return u.path, true
	case "QUERY":
		return u.query, u.query != nil
	case "REF":
		return u.fragment, u.fragment != nil
	case "FILE":
		return u.file, true
	case "AUTHORITY":
		return u.authority, u.authority != nil
	case "USERINFO":
		return u.userInfo()
	}
	return nil, false
}
