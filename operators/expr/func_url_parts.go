package expr

import (
	"bytes"
	"unicode/utf8"
)

// urlParts are the parts of a URL as they are written; one that is not there is
// nil, one that is empty is not.
type urlParts struct {
	protocol, authority, path, query, fragment []byte
	file                                       []byte // path and query
}

// splitURL takes a URL apart by the separators of RFC 3986, appendix B. It takes
// every text: where there is no protocol and no authority, all is path.
func splitURL(s []byte) urlParts {
	var u urlParts
	if s = s[:len(s):len(s)]; s == nil {
		s = []byte{}
	}
	if k := bytes.IndexByte(s, '#'); k >= 0 {
		u.fragment, s = s[k+1:], s[:k]
	}
	if k := protocolLength(s); k > 0 {
		u.protocol, s = s[:k], s[k+1:]
	}
	if bytes.HasPrefix(s, doubleSlash) {
		s = s[2:]
		k := bytes.IndexAny(s, "/?")
		if k < 0 {
			k = len(s)
		}
		u.authority, s = s[:k], s[k:]
	}
	u.file, u.path = s, s
	if k := bytes.IndexByte(s, '?'); k >= 0 {
		u.path, u.query = s[:k], s[k+1:]
	}
	return u
}

var doubleSlash = []byte("//")

// protocolLength returns the length of the protocol before a colon, 0 for none.
func protocolLength(s []byte) int {
	for i, c := range s {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case letter || i > 0 && (c-'0' <= 9 || c == '+' || c == '-' || c == '.'):
		case c == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// userInfo is what stands before the @.
func (u urlParts) userInfo() ([]byte, bool) {
	k := bytes.LastIndexByte(u.authority, '@')
	if k < 0 {
		return nil, false
	}
	return u.authority[:k], true
}

// hostPort splits the authority behind the @; an address in brackets has colons
// of its own. port is nil where there is none.
func (u urlParts) hostPort() (host, port []byte) {
	host = u.authority[bytes.LastIndexByte(u.authority, '@')+1:]
	k := bytes.LastIndexByte(host, ':')
	if k < 0 || k < bytes.LastIndexByte(host, ']') {
		return host, nil
	}
	return host[:k], host[k+1:]
}

func (u urlParts) hostName() ([]byte, bool) {
	host, _ := u.hostPort()
	return host, len(host) > 0
}

func (u urlParts) portNumber() (port int64, ok bool) {
	_, digits := u.hostPort()
	for _, c := range digits {
		if c-'0' > 9 || port > 65535 {
			return 0, false
		}
		port = port*10 + int64(c-'0')
	}
	return port, len(digits) > 0 && port <= 65535
}

// eachParameter calls f with the parameters of a query, until that returns false.
func eachParameter(query []byte, f func(name, value []byte) bool) {
	for len(query) > 0 {
		pair := query
		if k := bytes.IndexByte(query, '&'); k >= 0 {
			pair, query = query[:k], query[k+1:]
		} else {
			query = nil
		}
		name, value, _ := bytes.Cut(pair, equalsSign)
		if !f(name, value) {
			return
		}
	}
}

var equalsSign = []byte("=")

// rawParameter returns the first value of a parameter, as it is written.
func rawParameter(query, want []byte) (found []byte, ok bool) {
	eachParameter(query, func(name, value []byte) bool {
		if ok = bytes.Equal(name, want); ok {
			found = value
		}
		return !ok
	})
	return found, ok
}

// appendParameter appends the first value of a parameter, decoded; damaged escapes
// are kept as they are. decoded is memory for names.
func appendParameter(to, query, want []byte, decoded *[]byte) ([]byte, bool) {
	found := false
	eachParameter(query, func(name, value []byte) bool {
		if bytes.ContainsAny(name, "%+") {
			*decoded, _ = appendURLDecoded((*decoded)[:0], name)
			name = *decoded
		}
		if found = bytes.Equal(name, want); found {
			start, ok := len(to), false
			if to, ok = appendURLDecoded(to, value); !ok {
				to = append(to[:start], value...)
			}
		}
		return !found
	})
	return to, found
}

func appendURLEncoded(to, s []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range s {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c-'0' <= 9, c == '-', c == '.', c == '_', c == '*':
			to = append(to, c)
		case c == ' ':
			to = append(to, '+')
		default:
			to = append(to, '%', digits[c>>4], digits[c&15])
		}
	}
	return to
}

// appendURLDecoded is the way back; ok is false where a % is not followed by two
// hexadecimal digits. What is no UTF-8 becomes U+FFFD.
func appendURLDecoded(to, s []byte) (_ []byte, ok bool) {
	start := len(to)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			to = append(to, ' ')
		case '%':
			if i+2 >= len(s) {
				return to[:start], false
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high|low > 15 {
				return to[:start], false
			}
			to = append(to, high<<4|low)
			i += 2
		default:
			to = append(to, c)
		}
	}
	if !utf8.Valid(to[start:]) {
		to = append(to[:start], bytes.ToValidUTF8(to[start:], []byte("�"))...)
	}
	return to, true
}

// hexDigit returns the value of a digit, or 255.
func hexDigit(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return (c | 0x20) - 'a' + 10
	}
	return 255
}
