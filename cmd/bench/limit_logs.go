package main

import (
	"bufio"
	"bytes"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// host is a row of the result of the query over logs.
type host struct {
	n, length   int64
	least, most []byte
}

// hosts are those of a window, by name.
type hosts map[string]*host

// get returns the host of a name.
func (t hosts) get(name []byte) *host {
	h := t[string(name)]
	if h == nil {
		h = new(host)
		t[string(name)] = h
	}
	return h
}

func (h *host) add(n, length int64, least, most []byte) {
	if h.n == 0 || bytes.Compare(least, h.least) < 0 {
		h.least = append(h.least[:0], least...)
	}
	if h.n == 0 || bytes.Compare(most, h.most) > 0 {
		h.most = append(h.most[:0], most...)
	}
	h.n += n
	h.length += length
}

// limitLogs is the text-heavy query.
func limitLogs(in input, out *bufio.Writer, workers int) {
	fresh := func() *ring[hosts] {
		return newRing(300_000, func() *hosts { return &hosts{} }, func(t *hosts) { clear(*t) })
	}
	var b []byte
	write := func(start int64, t *hosts) {
		at := time.UnixMilli(start).UTC().Format("2006-01-02T15:04:05Z")
		for name, h := range *t {
			b = append(append(append(b[:0], at...), ','), name...)
			b = strconv.AppendInt(append(b, ','), h.n, 10)
			b = strconv.AppendInt(append(b, ','), h.length, 10)
			b = append(append(b, ','), h.least...)
			b = append(append(b, ','), h.most...)
			out.Write(append(b, '\n'))
		}
	}
	all, local := fresh(), make([]*ring[hosts], workers)
	newParser := func(w int) parser {
		local[w] = fresh()
		return lines(newLog(local[w]))
	}
	pieces(in, workers, newParser, nil, func(w int) {
		all.merge(local[w], func(to, from *hosts) {
			for name, h := range *from {
				to.get([]byte(name)).add(h.n, h.length, h.least, h.most)
			}
		})
		all.emit(all.max-orderDelay, write)
	})
	all.emit(math.MaxInt64, write)
}

// newLog adds lines of logs to windows.
func newLog(to *ring[hosts]) func(p unsafe.Pointer, i, end int) int {
	var c clock
	var name, upper, line []byte
	return func(p unsafe.Pointer, i, end int) int {
		_, i = whole(p, i)
		ts := c.rfc3339(p, i+1)
		to.max = max(to.max, ts)
		field := func(from int, until byte) []byte {
			i = find(p, from, end, until)
			return unsafe.Slice((*byte)(unsafe.Add(p, from)), i-from)
		}
		i = find(p, i+1, end, ',')
		method := field(i+1, ',')
		url := field(i+1, ',')
		agent := field(i+1, '\n')
		i++
		if !bytes.Contains(agent, []byte("Mobile")) || bytes.HasSuffix(url, []byte(".png")) || !hasVersion(url) {
			return i
		}
		const scheme = len("https://")
		name = append(name[:0], url[scheme:scheme+bytes.IndexByte(url[scheme:], '/')]...)
		for k, ch := range name {
			if ch >= 'A' && ch <= 'Z' {
				name[k] = ch + 'a' - 'A'
			}
		}
		upper = append(upper[:0], url[scheme:min(len(url), scheme+24)]...)
		for k, ch := range upper {
			if ch >= 'a' && ch <= 'z' {
				upper[k] = ch - 'a' + 'A'
			}
		}
		line = append(append(append(line[:0], method...), ' '), url[scheme:]...)
		h := (*to.get(floorDiv(ts, to.width))).get(name)
		h.add(1, int64(utf8.RuneCount(bytes.Trim(agent, " "))), upper, line)
		return i
	}
}

// hasVersion reports whether a text has /v, digits and / in it.
func hasVersion(s []byte) bool {
	for i := 0; i+3 < len(s); i++ {
		if s[i] != '/' || s[i+1] != 'v' {
			continue
		}
		k := i + 2
		for k < len(s) && s[k] >= '0' && s[k] <= '9' {
			k++
		}
		if k > i+2 && k < len(s) && s[k] == '/' {
			return true
		}
	}
	return false
}
