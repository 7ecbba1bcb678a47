package expr

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"tidemark/operators/data"
	"tidemark/parser/source"
)

var (
	errHex     = errors.New("the text is not hexadecimal: it must be pairs of the digits 0 to 9 and a to f")
	errBase64  = errors.New("the text is not base64")
	errEscaped = errors.New(`the text is not in escape format: a \ must be followed by another or by three octal digits`)
)

const encodingHint = `write the encoding as a text: 'hex', 'base64', 'base64url' or 'escape'`

// encoding is a way to write bytes as text, and back.
type encoding struct {
	encode func(to, x []byte) []byte
	decode func(to, text []byte) ([]byte, error)
}

var encodings = map[string]encoding{
	"hex":       {hex.AppendEncode, decodeHex},
	"base64":    {appendBase64Lines, decodeBase64},
	"base64url": {base64.RawURLEncoding.AppendEncode, decodeBase64},
	"escape":    {appendEscaped, decodeEscaped},
}

// encodeOverloads is what ENCODE is for an encoding.
func encodeOverloads(by encoding) []*Function {
	return ofTextAndBytes(func(k data.Kind) *Function {
		return textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return by.encode(to, f.text(0, i)), nil }, k, data.String).total()
	})
}

// decodeOverloads is what DECODE is for an encoding.
func decodeOverloads(by encoding) []*Function {
	return []*Function{bytesFunction(func(f *frame, i int, to []byte) ([]byte, error) { return by.decode(to, f.text(0, i)) }, data.String, data.String)}
}

// encodingEntries write bytes as text and read them back.
func encodingEntries() []*entry {
	const s, b, i32, i64 = data.String, data.Bytes, data.Int, data.BigInt
	write := func(encode func(to, x []byte) []byte) []*Function {
		return ofTextAndBytes(func(k data.Kind) *Function {
			return textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return encode(to, f.text(0, i)), nil }, k).total()
		})
	}
	read := func(decode func(to, text []byte) ([]byte, error)) []*Function {
		return []*Function{bytesFunction(func(f *frame, i int, to []byte) ([]byte, error) { return decode(to, f.text(0, i)) }, s)}
	}
	number := func(base, width int, upper bool, k data.Kind) *Function {
		return textFunction(func(f *frame, i int, to []byte) ([]byte, error) {
			x, at := uint64(f.int(0, i)), len(to)
			if width == 32 {
				x = uint64(uint32(x))
			}
			to = strconv.AppendUint(to, x, base)
			if upper {
				copy(to[at:], bytes.ToUpper(to[at:]))
			}
			return to, nil
		}, k).total()
	}
	hexNumbers := func(upper bool) []*Function {
		return []*Function{number(16, 32, upper, i32), number(16, 64, upper, i64)}
	}
	return inFamily("hash", []*entry{
		{name: "TO_HEX", doc: "The bytes, or the bits of a whole number, as hexadecimal text in lower case.", examples: [][2]string{{"TO_HEX('abc')", "616263"}, {"TO_HEX(2147483647)", "7fffffff"}},
			overloads: append(hexNumbers(false), write(hex.AppendEncode)...)},
		{name: "HEX", doc: "TO_HEX in upper case.", examples: [][2]string{{"HEX('hello,world')", "68656C6C6F2C776F726C64"}, {"HEX(255)", "FF"}},
			overloads: append(hexNumbers(true), write(appendUpperHex)...)},
		{name: "FROM_HEX", aliases: []string{"UNHEX"}, doc: "The bytes that a hexadecimal text stands for.", examples: [][2]string{{"CAST(FROM_HEX('616263') AS STRING)", "abc"}}, overloads: read(decodeHex)},
		{name: "BIN", aliases: []string{"TO_BIN"}, doc: "The bits of a whole number as text.", examples: [][2]string{{"BIN(10)", "1010"}},
			overloads: []*Function{number(2, 32, false, i32), number(2, 64, false, i64)}},
		{name: "TO_BASE64", doc: "The bytes in base64.", examples: [][2]string{{"TO_BASE64('hello world')", "aGVsbG8gd29ybGQ="}}, overloads: write(base64.StdEncoding.AppendEncode)},
		{name: "FROM_BASE64", doc: "The bytes that a text in base64 stands for, also in its form for URLs.", examples: [][2]string{{"CAST(FROM_BASE64('aGVsbG8gd29ybGQ=') AS STRING)", "hello world"}}, overloads: read(decodeBase64)},
		{name: "ENCODE", bind: encodingBinder("ENCODE", data.Bytes, encodeOverloads), signatures: []string{"ENCODE(STRING or BYTES, 'hex' | 'base64' | 'base64url' | 'escape') → STRING", "ENCODE(STRING, 'utf-8') → BYTES"},
			doc:      "The bytes as text in an encoding: hex, base64 in lines of 76 characters, base64url, or escape; with utf-8 the bytes of a text.",
			examples: [][2]string{{"ENCODE('abc', 'hex')", "616263"}, {"ENCODE('abc', 'base64')", "YWJj"}, {`ENCODE('a\ï', 'escape')`, `a\\\303\257`}}},
		{name: "DECODE", bind: encodingBinder("DECODE", data.String, decodeOverloads), signatures: []string{"DECODE(STRING, 'hex' | 'base64' | 'base64url' | 'escape') → BYTES", "DECODE(BYTES, 'utf-8') → STRING"},
			doc:      "The bytes that a text in an encoding stands for; with utf-8 the text that bytes are.",
			examples: [][2]string{{"CAST(DECODE('616263', 'hex') AS STRING)", "abc"}, {"DECODE(FROM_HEX('616263'), 'utf-8')", "abc"}}},
	})
}

// encodingArg returns the constant second argument of ENCODE or DECODE.
func encodingArg(e *entry, args []Expr, at source.Span) (name string, err error) {
	if len(args) != 2 {
		return "", noOverload(e, args, at)
	}
	text, ok := constantText(args, 1)
	if !ok {
		return "", errorf(args[1].Span(), encodingHint, "the encoding of %s must be a constant", e.name)
	}
	return strings.ToLower(string(text)), nil
}

// encodingBinder makes the bind of ENCODE or DECODE: the overloads are chosen by
// the encoding; utf-8 is a cast to a type.
func encodingBinder(name string, utf8 data.Kind, overloads func(encoding) []*Function) func(*entry, []Expr, source.Span) (Expr, error) {
	chosen := map[string]*entry{}
	for key, by := range encodings {
		e := &entry{name: name, signatures: []string{name + "(STRING, " + quote(key) + ")"}, overloads: overloads(by)}
		for _, f := range e.overloads {
			f.Name = name
		}
		chosen[key] = e
	}
	return func(e *entry, args []Expr, at source.Span) (Expr, error) {
		key, err := encodingArg(e, args, at)
		if err != nil {
			return nil, err
		}
		if key == "utf-8" || key == "utf8" {
			return NewCast(args[0], data.Of(utf8), false, at)
		}
		by := chosen[key]
		if by == nil {
			return nil, errorf(args[1].Span(), encodingHint, "there is no encoding %s", quote(key))
		}
		return resolve(by, args, at)
	}
}

func appendUpperHex(to, x []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range x {
		to = append(to, digits[c>>4], digits[c&15])
	}
	return to
}

func decodeHex(to, text []byte) ([]byte, error) {
	to, err := hex.AppendDecode(to, text)
	if err != nil {
		return to, errHex
	}
	return to, nil
}

// appendBase64Lines breaks lines as PostgreSQL's encode does: after 76
// characters, but not behind the last.
func appendBase64Lines(to, x []byte) []byte {
	const line = 57 // bytes that make 76 characters
	for len(x) > line {
		to = append(base64.StdEncoding.AppendEncode(to, x[:line]), '\n')
		x = x[line:]
	}
	return base64.StdEncoding.AppendEncode(to, x)
}

// decodeBase64 reads both alphabets, with and without padding; white space counts
// for nothing.
func decodeBase64(to, text []byte) ([]byte, error) {
	var bits uint32
	n, padding := 0, 0
	for _, c := range text {
		var v byte
		switch {
		case c >= 'A' && c <= 'Z':
			v = c - 'A'
		case c >= 'a' && c <= 'z':
			v = c - 'a' + 26
		case c >= '0' && c <= '9':
			v = c - '0' + 52
		case c == '+' || c == '-':
			v = 62
		case c == '/' || c == '_':
			v = 63
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			continue
		case c == '=':
			padding++
			continue
		default:
			return to, errBase64
		}
		if padding > 0 {
			return to, errBase64
		}
		bits = bits<<6 | uint32(v)
		if n++; n%4 == 0 {
			to = append(to, byte(bits>>16), byte(bits>>8), byte(bits))
		}
	}
	switch rest := n % 4; {
	case rest == 1, padding > 0 && (rest == 0 || rest+padding != 4):
		return to, errBase64
	case rest == 2:
		to = append(to, byte(bits>>4))
	case rest == 3:
		to = append(to, byte(bits>>10), byte(bits>>2))
	}
	return to, nil
}

// appendEscaped writes zero bytes and those that are no ASCII as octal numbers.
func appendEscaped(to, x []byte) []byte {
	for _, c := range x {
		switch {
		case c == '\\':
			to = append(to, '\\', '\\')
		case c == 0 || c >= 0x80:
			to = append(to, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			to = append(to, c)
		}
	}
	return to
}

func decodeEscaped(to, text []byte) ([]byte, error) {
	for len(text) > 0 {
		c := text[0]
		switch {
		case c != '\\':
			to, text = append(to, c), text[1:]
		case len(text) > 1 && text[1] == '\\':
			to, text = append(to, c), text[2:]
		case len(text) > 3 && text[1]-'0' <= 3 && text[2]-'0' <= 7 && text[3]-'0' <= 7:
			to, text = append(to, (text[1]-'0')<<6|(text[2]-'0')<<3|(text[3]-'0')), text[4:]
		default:
			return to, errEscaped
		}
	}
	return to, nil
}
