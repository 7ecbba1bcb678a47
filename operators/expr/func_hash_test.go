package expr

import (
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The test vectors of the standards (FIPS 180, RFC 1321, 2202, 4231, 4648), of the
// authors of XXH and MurmurHash3, and what PostgreSQL gives.
func TestHashValues(t *testing.T) {
	checkValues(t, []valueCase{
		{"MD5('')", "d41d8cd98f00b204e9800998ecf8427e"}, {"MD5('message digest')", "f96b697d7cb7938d525a2f31aaf161d0"}, {"MD5(CAST('abc' AS BYTES))", "900150983cd24fb0d6963f7d28e17f72"}, {"MD5(NULL)", "NULL"}, {"MD5('naïve')", "63899c6b555841978b89319d701f9b5a"},
		{"SHA1('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"}, {"SHA256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"SHA2('abc', 256) = SHA256('abc')", "true"}, {"SHA2('abc', 384) = SHA384('abc')", "true"}, {"SHA2('abc', 512) = SHA512('abc')", "true"},
		{"HMAC_SHA256('Hi There', REPEAT(CHR(11), 20))", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"}, {"HMAC_SHA256(FROM_HEX(REPEAT('dd', 50)), FROM_HEX(REPEAT('aa', 20)))", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{"CRC32('123456789')", "3421780262"}, {"CRC32('')", "0"}, {"XXHASH64('')", "-1205034819632174695"}, {"XXH64('Call me Ishmael. Some years ago--never mind how long precisely-')", "189969583671016854"}, {"XXH3('')", "3244421341483603138"},
		{"MURMUR3('')", "0"}, {"MURMUR3('a')", "1009084850"}, {"MURMUR3('hello')", "613153351"}, {"MURMUR3('hello, world')", "345750399"}, {"MURMUR3('The quick brown fox jumps over the lazy dog')", "776992547"},
		{"TO_HEX('naïve')", "6e61c3af7665"}, {"TO_HEX(-1)", "ffffffff"}, {"TO_HEX(CAST(-1 AS BIGINT))", "ffffffffffffffff"}, {"TO_HEX(2147483647)", "7fffffff"}, {"HEX(20)", "14"}, {"HEX('Kb')", "4B62"}, {"BIN(4)", "100"}, {"BIN(-1)", strings.Repeat("1", 32)}, {"CAST(UNHEX('4b62') AS STRING)", "Kb"}, {"LENGTH(FROM_HEX(''))", "0"},
		{"TO_BASE64('f')", "Zg=="}, {"TO_BASE64('foobar')", "Zm9vYmFy"}, {"CAST(FROM_BASE64('Zm8=') AS STRING)", "fo"}, {"CAST(FROM_BASE64('Zm8') AS STRING)", "fo"}, {"TO_HEX(FROM_BASE64('-_-_'))", "fbffbf"}, {"TO_HEX(FROM_BASE64('+/+/'))", "fbffbf"}, {"CAST(FROM_BASE64(' Zm9v' || CHR(10) || 'YmFy ') AS STRING)", "foobar"},
		{"ENCODE(FROM_HEX('1234567890abcdef00'), 'hex')", "1234567890abcdef00"}, {"ENCODE(FROM_HEX('1234567890abcdef00'), 'base64')", "EjRWeJCrze8A"}, {"ENCODE(FROM_HEX('1234567890abcdef00'), 'escape')", "\x124Vx" + `\220\253\315\357\000`},
		{"TO_HEX(DECODE(ENCODE(FROM_HEX('1234567890abcdef005c'), 'escape'), 'escape'))", "1234567890abcdef005c"}, {"ENCODE(REPEAT('x', 58), 'base64')", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 57))) + "\neA=="}, {"CAST(DECODE(ENCODE(REPEAT('x', 200), 'BASE64'), 'Base64') AS STRING)", strings.Repeat("x", 200)}, {"ENCODE(FROM_HEX('fbff'), 'base64url')", "-_8"},
		{"TO_HEX(ENCODE('ï', 'UTF-8'))", "c3af"}, {"DECODE(FROM_HEX('c3af'), 'utf8')", "ï"}, {"ENCODE(NULL, 'hex')", "NULL"},
	})
}

func TestHashErrors(t *testing.T) {
	checkRunTimeErrors(t, []valueCase{
		{"SHA2('abc', 100)", "SHA2 has 224, 256, 384 and 512 bits"},
		{"FROM_HEX('abc')", "the text is not hexadecimal: it must be pairs of the digits 0 to 9 and a to f"}, {"FROM_HEX('zz')", "the text is not hexadecimal: it must be pairs of the digits 0 to 9 and a to f"},
		{"FROM_BASE64('Zg=')", "the text is not base64"}, {"FROM_BASE64('Z')", "the text is not base64"}, {"FROM_BASE64('Zg==Zg==')", "the text is not base64"}, {"FROM_BASE64('Zm9v!')", "the text is not base64"}, {"FROM_BASE64('====')", "the text is not base64"},
		{`DECODE('\9', 'escape')`, `the text is not in escape format: a \ must be followed by another or by three octal digits`}, {`DECODE('\400', 'escape')`, `the text is not in escape format: a \ must be followed by another or by three octal digits`},
	})
	checkBindErrors(t, []bindErrorCase{
		{"ENCODE(s1, s2)", "the encoding of ENCODE must be a constant", "write the encoding as a text: 'hex', 'base64'"},
		{"DECODE(s1, 'rot13')", "there is no encoding 'rot13'", "write the encoding as a text: 'hex', 'base64'"},
		{"ENCODE(i1, 'hex')", "ENCODE does not take (INT, STRING)", "convert it: CAST(i1 AS STRING); it is called as ENCODE(STRING, 'hex')"},
		{"ENCODE(s1)", "ENCODE does not take (STRING)", "it is called as ENCODE(STRING or BYTES, 'hex' | 'base64'"},
	})
}

// What is encoded is decoded again, and damage is an error or other bytes, but no panic.
func TestEncodingsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		name := rapid.SampledFrom([]string{"hex", "base64", "base64url", "escape"}).Draw(t, "encoding")
		text := encodings[name].encode(nil, x)
		if got, err := encodings[name].decode(nil, text); err != nil || string(got) != string(x) {
			t.Fatalf("%s of %x is %q and that %x, %v", name, x, text, got, err)
		}
		encodings[name].decode(nil, x)
		if len(text) > 0 {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "damaged")] = rapid.Byte().Draw(t, "by")
			encodings[name].decode(nil, text)
		}
	})
}
