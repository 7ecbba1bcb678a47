package main

import (
	"fmt"
	"math/bits"
	"os"
	"time"
	"unsafe"
)

// find returns the index of the first c at or after i (little endian SWAR).
// The block ends in '\n' and is padded, so a caller's bad line cannot run far.
func find(p unsafe.Pointer, i, end int, c byte) int {
	m := uint64(c) * ones
	for i < end {
		if z := zeroByte(u64(p, i) ^ m); z != 0 {
			return i + bits.TrailingZeros64(z)/8
		}
		i += 8
	}
	return end
}

// pack turns a string of up to 8 bytes into a uint64; a longer one is hashed
// (good enough for a limit program: the data has none).
func pack(p unsafe.Pointer, i, n int) uint64 {
	if n <= 8 {
		return u64(p, i) & (^uint64(0) >> uint(64-8*n))
	}
	h := uint64(n)
	for ; n > 8; n -= 8 {
		h = mix(h ^ u64(p, i))
		i += 8
	}
	return mix(h ^ u64(p, i)&(^uint64(0)>>uint(64-8*n)))
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x, 0x9E3779B97F4A7C15)
	return hi ^ lo
}

// clock remembers the last calendar day so that only hh:mm:ss.mmm is parsed.
type clock struct {
	hi  uint64
	lo  uint16
	day int64
}

// rfc3339 parses yyyy-mm-ddThh:mm:ss[.fff]Z at i.
func (c *clock) rfc3339(p unsafe.Pointer, i int) int64 {
	hi, lo := u64(p, i), *(*uint16)(unsafe.Add(p, i+8))
	if hi != c.hi || lo != c.lo {
		t, err := time.Parse("2006-01-02", string(unsafe.Slice((*byte)(unsafe.Add(p, i)), 10)))
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench: the input of the hand-written program has a bad time:", err)
			os.Exit(1)
		}
		c.hi, c.lo, c.day = hi, lo, t.UnixMilli()
	}
	v := u64(p, i+11) &^ 0xF0F0F0F0F0F0F0F0 // hh:mm:ss with ':' in bytes 2 and 5
	v = v*10 + v>>8                         // pairs in bytes 0, 3, 6
	h, m, s := v&0xFF, v>>24&0xFF, v>>48&0xFF
	ms := c.day + int64(h*3_600_000+m*60_000+s*1000)
	if u8(p, i+19) == '.' {
		w := u32(p, i+20) & 0x0F0F0F
		ms += int64(w&0xFF*100 + w>>8&0xFF*10 + w>>16)
	}
	return ms
}

// cents parses an unsigned decimal with up to two places.
func cents(p unsafe.Pointer, i int) (int64, int) {
	v := int64(0)
	for {
		c := u8(p, i) - '0'
		if c > 9 {
			break
		}
		v = v*10 + int64(c)
		i++
	}
	if u8(p, i) != '.' {
		return v * 100, i
	}
	d1 := u8(p, i+1) - '0'
	if d2 := u8(p, i+2) - '0'; d2 <= 9 {
		return v*100 + int64(d1)*10 + int64(d2), i + 3
	}
	return v*100 + int64(d1)*10, i + 2
}

func keyWord(s string) (w uint64) {
	for i := len(s) - 1; i >= 0; i-- {
		w = w<<8 | uint64(s[i])
	}
	return
}

// newJSON is the general flat-object scanner: any key order and white space
// after ':' and ','; walks every key and value of the line; strings may hold
// escapes (kept raw). Key and value fields named by the caller.
func newJSON(keyName, timeName, valName string) parser {
	var c clock
	kw, tw, vw := keyWord(keyName[:min(8, len(keyName))]), keyWord(timeName[:min(8, len(timeName))]), keyWord(valName[:min(8, len(valName))])
	kn, tn, vn := len(keyName), len(timeName), len(valName)
	return func(p unsafe.Pointer, i, end int, b *batch) int {
		n := b.n
		for i < end && n < batchRows {
			i++ // '{'
			for {
				for u8(p, i) == ' ' {
					i++
				}
				i++ // opening quote
				k := i
				for {
					i = find(p, i, end, '"')
					if u8(p, i-1) != '\\' {
						break
					}
					i++
				}
				kl := i - k
				word := u64(p, k)
				if kl < 8 {
					word &= ^uint64(0) >> uint(64-8*kl)
				}
				i += 2 // quote, colon
				for u8(p, i) == ' ' {
					i++
				}
				v := i
				if u8(p, i) == '"' {
					v++
					for {
						i = find(p, i+1, end, '"')
						if u8(p, i-1) != '\\' {
							break
						}
					}
					switch {
					case word == kw && kl == kn:
						b.key[n] = pack(p, v, i-v)
					case word == tw && kl == tn:
						b.ts[n] = c.rfc3339(p, v)
					}
					i++
				} else if word == vw && kl == vn {
					b.val[n], i = cents(p, i)
				} else {
					for ch := u8(p, i); ch != ',' && ch != '}'; ch = u8(p, i) {
						i++
					}
				}
				if u8(p, i) != ',' {
					break
				}
				i++
			}
			n++
			i += 2 // '}' and newline
		}
		b.n = n
		return i
	}
}

// newCSV scans unquoted CSV: key, time and value are the columns k < t < v.
func newCSV(k, t, v int) parser {
	var c clock
	return func(p unsafe.Pointer, i, end int, b *batch) int {
		n := b.n
		for i < end && n < batchRows {
			col := 0
			for ; col < k; col++ {
				i = find(p, i, end, ',') + 1
			}
			z := zeroByte(u64(p, i) ^ ','*ones)
			l := bits.TrailingZeros64(z) / 8
			if z == 0 {
				l = find(p, i, end, ',') - i
			}
			b.key[n] = pack(p, i, l)
			i += l + 1
			for col = k + 1; col < t; col++ {
				i = find(p, i, end, ',') + 1
			}
			b.ts[n] = c.rfc3339(p, i)
			for col = t; col < v; col++ {
				i = find(p, i, end, ',') + 1
			}
			b.val[n], i = cents(p, i)
			i = find(p, i, end, '\n') + 1
			n++
		}
		b.n = n
		return i
	}
}
