package main

import (
	"bufio"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The inputs of the expression-heavy and the text-heavy query, as csv: one row
// every 10 ms with two seconds of disorder. The same number of rows gives the
// same bytes.

// writeOrders writes orders.csv: order_id, event_time, price (2 places), quantity,
// discount (2 places), weight (a double with 3 places).
func writeOrders(dir string, rows int) error {
	return writeCSV(dir, "orders", "order_id,event_time,price,quantity,discount,weight", rows, func(b []byte, r *rand.Rand) []byte {
		b = money(append(b, ','), 1+r.IntN(50_000))
		b = strconv.AppendInt(append(b, ','), int64(1+r.IntN(20)), 10)
		b = money(append(b, ','), r.IntN(4)*5)
		b = strconv.AppendInt(append(b, ','), int64(r.IntN(60)), 10)
		mg := r.IntN(1000)
		return append(b, '.', byte('0'+mg/100), byte('0'+mg/10%10), byte('0'+mg%10))
	})
}

// writeLogs writes logs.csv: request_id, event_time, method, url, agent.
func writeLogs(dir string, rows int) error {
	methods := []string{"GET", "GET", "GET", "POST", "PUT", "DELETE"}
	sections := []string{"Users", "orders", "Search", "cart", "STATIC", "media", "admin", "health"}
	agents := []string{
		"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36",
		"curl/8.5.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.5 Safari/605.1.15",
	}
	endings := []string{"", "", "?page=2", "/list", "/edit", ".png", ".css"}
	pick := func(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
	return writeCSV(dir, "logs", "request_id,event_time,method,url,agent", rows, func(b []byte, r *rand.Rand) []byte {
		b = append(append(b, ','), pick(r, methods)...)
		b = strconv.AppendInt(append(b, ",https://Shop-"...), int64(r.IntN(40)), 10)
		b = append(b, ".example.com/"...)
		if r.IntN(4) > 0 {
			b = append(strconv.AppendInt(append(b, 'v'), int64(1+r.IntN(12)), 10), '/')
		}
		b = append(b, pick(r, sections)...)
		b = strconv.AppendInt(append(b, '/'), int64(r.IntN(100_000)), 10)
		b = append(b, pick(r, endings)...)
		return append(append(b, ','), pick(r, agents)...)
	})
}

// writeCSV writes name.csv into dir unless it exists: a number, a time and what
// rest appends to each row.
func writeCSV(dir, name, header string, rows int, rest func(b []byte, r *rand.Rand) []byte) error {
	path := filepath.Join(dir, name+".csv")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	w.WriteString(header + "\n")
	r := rand.New(rand.NewPCG(2, 42))
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	var b []byte
	for i := range rows {
		t := base + int64(i)*10 - int64(r.IntN(2001))
		b = append(strconv.AppendInt(b[:0], int64(i), 10), ',')
		b = time.UnixMilli(t).UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
		b = append(rest(b, r), '\n')
		w.Write(b)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
