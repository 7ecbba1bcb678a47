package expr

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"hash/crc32"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/zeebo/xxh3"

	"tidemark/operators/data"
)

var errSHA2 = errors.New("SHA2 has 224, 256, 384 and 512 bits")

// ofTextAndBytes makes a function for both kinds of byte strings.
func ofTextAndBytes(f func(k data.Kind) *Function) []*Function {
	return []*Function{f(data.String), f(data.Bytes)}
}

// hashEntries are digests as hexadecimal text, and hashes as numbers.
func hashEntries() []*entry {
	digest := func(name, doc, value string, sum func(to, x []byte) []byte) *entry {
		return &entry{name: name, doc: doc + " as hexadecimal text.", examples: [][2]string{{name + "('abc')", value}},
			overloads: ofTextAndBytes(func(k data.Kind) *Function {
				return textFunction(func(f *frame, i int, to []byte) ([]byte, error) { return sum(to, f.text(0, i)), nil }, k).total()
			})}
	}
	number := func(name string, aliases []string, doc, value string, sum func(x []byte) int64) *entry {
		return &entry{name: name, aliases: aliases, doc: doc, examples: [][2]string{{name + "('abc')", value}},
			overloads: ofTextAndBytes(func(k data.Kind) *Function {
				return intFunction(data.BigInt, func(f *frame, i int) (int64, error) { return sum(f.text(0, i)), nil }, k).total()
			})}
	}
	list := []*entry{
		digest("MD5", "The MD5 digest", "900150983cd24fb0d6963f7d28e17f72", sumMD5),
		digest("SHA1", "The SHA-1 digest", "a9993e364706816aba3e25717850c26c9cd0d89d", sumSHA1),
		digest("SHA224", "The SHA-224 digest", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7", sumSHA224),
		digest("SHA256", "The SHA-256 digest", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", sumSHA256),
		digest("SHA384", "The SHA-384 digest", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7", sumSHA384),
		digest("SHA512", "The SHA-512 digest", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", sumSHA512),
		{name: "SHA2", doc: "The SHA-2 digest of 224, 256, 384 or 512 bits as hexadecimal text.", examples: [][2]string{{"SHA2('abc', 224)", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"}},
			overloads: ofTextAndBytes(func(k data.Kind) *Function { return textFunction(sha2, k, data.BigInt) })},
		{name: "HMAC_SHA256", doc: "The HMAC of a text with a key, by SHA-256, as hexadecimal text.",
			examples:  [][2]string{{"HMAC_SHA256('what do ya want for nothing?', 'Jefe')", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}},
			overloads: ofTextAndBytes(func(k data.Kind) *Function { return textFunction(nil, k, k).perCall(hmacKernel).total() })},
		number("CRC32", nil, "The CRC-32 checksum, 0 to 4294967295.", "891568578", func(x []byte) int64 { return int64(crc32.ChecksumIEEE(x)) }),
		number("XXHASH64", []string{"XXH64"}, "The 64 bits of XXH64 with the seed 0, as a BIGINT.", "4952883123889572249", func(x []byte) int64 { return int64(xxhash.Sum64(x)) }),
		number("XXH3", nil, "The 64 bits of XXH3, as a BIGINT.", "8696274497037089104", func(x []byte) int64 { return int64(xxh3.Hash(x)) }),
		number("MURMUR3", nil, "The 32 bits of MurmurHash3 (x86) with the seed 0, 0 to 4294967295.", "3017643002", func(x []byte) int64 { return int64(murmur3(x)) }),
		{name: "UUID", aliases: []string{"GEN_RANDOM_UUID", "UUIDV4", "UUIDV7", "UUID_GENERATE_V4"},
			refused: "its results could not be computed again after a restart or for a retraction",
			hint:    "derive an identifier from the row: MD5(id) is the same on every run"},
	}
	return slices.Concat(inFamily("hash", list), encodingEntries())
}

func sumMD5(to, x []byte) []byte    { s := md5.Sum(x); return hex.AppendEncode(to, s[:]) }
func sumSHA1(to, x []byte) []byte   { s := sha1.Sum(x); return hex.AppendEncode(to, s[:]) }
func sumSHA224(to, x []byte) []byte { s := sha256.Sum224(x); return hex.AppendEncode(to, s[:]) }
func sumSHA256(to, x []byte) []byte { s := sha256.Sum256(x); return hex.AppendEncode(to, s[:]) }
func sumSHA384(to, x []byte) []byte { s := sha512.Sum384(x); return hex.AppendEncode(to, s[:]) }
func sumSHA512(to, x []byte) []byte { s := sha512.Sum512(x); return hex.AppendEncode(to, s[:]) }

// sha2 is a row of SHA2.
func sha2(f *frame, i int, to []byte) ([]byte, error) {
	x := f.text(0, i)
	switch f.int(1, i) {
	case 224:
		return sumSHA224(to, x), nil
	case 256:
		return sumSHA256(to, x), nil
	case 384:
		return sumSHA384(to, x), nil
	case 512:
		return sumSHA512(to, x), nil
	}
	return to, errSHA2
}

// hmacKernel keeps the state of a key while it stays.
func hmacKernel(*Call) kernel {
	var mac hash.Hash
	var key, sum []byte
	return textRows(func(f *frame, i int, to []byte) ([]byte, error) {
		if k := f.text(1, i); mac == nil || !slices.Equal(k, key) {
			key = append(key[:0], k...)
			mac = hmac.New(sha256.New, key)
		}
		mac.Reset()
		mac.Write(f.text(0, i)) // a hash takes everything
		sum = mac.Sum(sum[:0])
		return hex.AppendEncode(to, sum), nil
	})
}
