package nexmark

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"tidemark/connectors"
	"tidemark/operators/data"
)

// config is of a stream with some of its columns, all when none are named.
func config(t *testing.T, typ string, columns []string, options ...string) connectors.SourceConfig {
	t.Helper()
	m := map[string]string{"type": typ}
	for i := 0; i < len(options); i += 2 {
		m[options[i]] = options[i+1]
	}
	cfg := connectors.SourceConfig{Name: "t", Options: connectors.NewOptions(m)}
	s, err := Infer(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Schema = s
	for i, c := range s {
		if columns == nil || slices.Contains(columns, c.Name) {
			cfg.Needed = append(cfg.Needed, i)
		}
	}
	return cfg
}

// vectors reads a bounded source whole, in batches of max rows.
func vectors(t *testing.T, cfg connectors.SourceConfig, max int) []*data.Vector {
	t.Helper()
	src, err := NewSource(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := src.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dec, err := src.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	schema := cfg.Columns()
	all := make([]*data.Vector, len(schema))
	for i, c := range schema {
		all[i] = &data.Vector{}
		all[i].Reset(c.Type)
	}
	pool := data.NewPool(schema)
	var c connectors.Chunk
	var place connectors.Place
	for {
		if err := r.Next(context.Background(), &c); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		for done := false; !done; {
			b := pool.Get()
			done = dec.Decode(&c, b, &place, max)
			for k := range b.Rows() {
				for i, v := range b.Cols {
					all[i].AppendFrom(v, b.Row(k))
				}
			}
			b.Release()
		}
	}
}

// rows are the rows of vectors as text.
func rows(vs []*data.Vector) []string {
	out := make([]string, vs[0].Len())
	for r := range out {
		var cells []string
		for _, v := range vs {
			cells = append(cells, string(data.AppendText(nil, v, r)))
		}
		out[r] = strings.Join(cells, "|")
	}
	return out
}

// Of 50 events one is a person, three are auctions and 46 bids, also where the last
// fifty are not complete.
func TestProportions(t *testing.T) {
	for _, c := range []struct{ events, person, auction, bid int }{{0, 0, 0, 0}, {1, 1, 0, 0}, {3, 1, 2, 0}, {5, 1, 3, 1}, {50, 1, 3, 46}, {51, 2, 3, 46}, {1000, 20, 60, 920}} {
		for typ, want := range map[string]int{"person": c.person, "auction": c.auction, "bid": c.bid} {
			if got := vectors(t, config(t, typ, []string{"dateTime"}, "events", fmt.Sprint(c.events)), 100)[0].Len(); got != want {
				t.Errorf("%d events: %d of %s, want %d", c.events, got, typ, want)
			}
		}
	}
}

// A row depends on nothing but its number and the options.
func TestDeterminism(t *testing.T) {
	for _, typ := range []string{"person", "auction", "bid"} {
		cfg := config(t, typ, nil, "events", "2000", "disorder", "3s")
		want := rows(vectors(t, cfg, 4096))
		for _, max := range []int{1, 7} {
			if got := rows(vectors(t, cfg, max)); !slices.Equal(got, want) {
				t.Errorf("%s: batches of %d rows give others", typ, max)
			}
		}
		for i := range cfg.Schema { // the other columns make no difference
			one := cfg
			one.Needed = []int{i}
			for r, cell := range rows(vectors(t, one, 64)) {
				if strings.Split(want[r], "|")[i] != cell {
					t.Fatalf("%s, row %d: column %s alone is %s in %s", typ, r, cfg.Schema[i].Name, cell, want[r])
				}
			}
		}
		if other := config(t, typ, nil, "events", "2000", "disorder", "3s", "seed", "2"); slices.Equal(rows(vectors(t, other, 4096)), want) {
			t.Errorf("%s: another seed gives the same rows", typ)
		}
	}
}

// The three streams agree with each other, and some persons and auctions are hot.
func TestReferences(t *testing.T) {
	const events = 100_000
	options := []string{"events", fmt.Sprint(events)}
	people := vectors(t, config(t, "person", []string{"id", "dateTime"}, options...), 4096)
	sales := vectors(t, config(t, "auction", []string{"id", "initialBid", "reserve", "dateTime", "expires", "seller", "category"}, options...), 4096)
	offers := vectors(t, config(t, "bid", []string{"auction", "bidder", "price", "dateTime"}, options...), 4096)
	for i := range people[0].Len() {
		if people[0].Ints[i] != int64(firstPerson+i) {
			t.Fatalf("person %d has the id %d", i, people[0].Ints[i])
		}
	}
	perSeller, perAuction, perBidder := map[int64]int{}, map[int64]int{}, map[int64]int{}
	for i := range sales[0].Len() {
		if sales[0].Ints[i] != int64(firstAuction+i) || sales[2].Ints[i] <= sales[1].Ints[i] || sales[4].Ints[i] <= sales[3].Ints[i] {
			t.Fatalf("auction %d: %s", i, rows(sales)[i])
		}
		if joined := int64(i/3) + firstPerson; sales[5].Ints[i] > joined+idLead || sales[6].Ints[i] < firstCategory || sales[6].Ints[i] >= firstCategory+categories {
			t.Fatalf("auction %d: %s", i, rows(sales)[i])
		}
		perSeller[sales[5].Ints[i]]++
	}
	known := 0
	for i := range offers[0].Len() {
		last := firstAuction + int64(i/bids+1)*auctions - 1
		if a := offers[0].Ints[i]; a < firstAuction || a > last+idLead || a < last-openAuctions-hotEvery {
			t.Fatalf("bid %d: %s, and the last auction is %d", i, rows(offers)[i], last)
		} else if a <= last {
			known++
		}
		perAuction[offers[0].Ints[i]]++
		perBidder[offers[1].Ints[i]]++
	}
	if n := offers[0].Len(); known < n*9/10 {
		t.Errorf("%d of %d bids are for auctions that have begun", known, n)
	}
	// Half of the bids are for one auction in a hundred, three quarters of those who sell
	// and bid are one person in a hundred.
	share := func(counts map[int64]int, hot func(id int64) bool) float64 {
		all, some := 0, 0
		for id, n := range counts {
			if all += n; hot(id) {
				some += n
			}
		}
		return float64(some) / float64(all)
	}
	for _, c := range []struct {
		name     string
		counts   map[int64]int
		rest     int64
		from, to float64
	}{{"auctions", perAuction, 0, 0.45, 0.55}, {"sellers", perSeller, 0, 0.7, 0.8}, {"bidders", perBidder, 1, 0.7, 0.8}} {
		if got := share(c.counts, func(id int64) bool { return id%hotEvery == c.rest }); got < c.from || got > c.to {
			t.Errorf("%s: %.2f are hot", c.name, got)
		}
	}
}

// Times are in the order of the events, but for the disorder asked for.
func TestTimes(t *testing.T) {
	of := func(options ...string) []int64 {
		return vectors(t, config(t, "bid", []string{"dateTime"}, append(options, "events", "5000")...), 512)[0].Ints
	}
	straight := of("event_rate", "100", "start", "2026-02-03T00:00:00Z")
	shaken := of("event_rate", "100", "start", "2026-02-03T00:00:00Z", "disorder", "5s")
	moved := false
	for i := range straight {
		if want := int64(1770076800_000000) + (int64(i/bids)*round+4+int64(i%bids))*10_000; straight[i] != want {
			t.Fatalf("bid %d is at %d, want %d", i, straight[i], want)
		}
		if shaken[i] > straight[i] || shaken[i] < straight[i]-5_000_000 {
			t.Fatalf("bid %d is at %d, and in order at %d", i, shaken[i], straight[i])
		}
		moved = moved || i > 0 && shaken[i] < shaken[i-1]
	}
	if !moved {
		t.Error("nothing is out of order")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, option, value, want string }{
		{"t", "type", "offer", "there is no type 'offer' (there are: person, auction, bid)"},
		{"t", "seed", "1", "which events t has is not said (set type = 'person', 'auction' or 'bid')"},
		{"bids", "events", "-1", "events = -1 is out of range (it must be at least 0)"},
		{"bids", "start", "soon", "start: 'soon' is not a valid TIMESTAMP (write for example '2026-01-01T12:00:00Z')"},
		{"bids", "event_rate", "0", "event_rate = 0 is out of range (it must be at least 0.001)"},
	} {
		cfg := connectors.SourceConfig{Name: c.name, Options: connectors.NewOptions(map[string]string{c.option: c.value})}
		if _, err := NewSource(cfg); err == nil || err.Error() != c.want {
			t.Errorf("%s = %s: %v, want %s", c.option, c.value, err, c.want)
		}
	}
	cfg := connectors.SourceConfig{Name: "bid", Options: connectors.NewOptions(nil), Schema: data.Schema{{Name: "prize", Type: data.Of(data.BigInt)}}, Needed: []int{0}}
	if _, err := NewSource(cfg); err == nil || err.Error() != "a bid has no column prize (did you mean price?)" {
		t.Error(err)
	}
	cfg.Schema[0] = data.Column{Name: "PRICE", Type: data.Of(data.Int)}
	if _, err := NewSource(cfg); err == nil || err.Error() != "column PRICE is declared INT, and a bid has BIGINT (declare it so, and CAST it where it is used)" {
		t.Error(err)
	}
}
