package nexmark

import (
	"math"
	"strconv"

	"tidemark/operators/data"
)

// column is a column of a table and how its value for event n is made.
type column struct {
	name string
	typ  data.Type
	make func(g *generator, n int64, d *dice, v *data.Vector)
}

var (
	bigint    = data.Of(data.BigInt)
	text      = data.Of(data.String)
	timestamp = data.Of(data.Timestamp)
)

// The places of columns that others look at.
const (
	initialBidColumn = 3 // of an auction
	channelColumn    = 3 // of a bid
)

var tables = []*table{
	{name: "person", before: 0, each: persons, columns: []column{
		{"id", bigint, func(_ *generator, n int64, _ *dice, v *data.Vector) {
			v.AppendInt(firstPerson + made(n, 0, persons) - 1)
		}},
		{"name", text, words(func(dst []byte, d *dice) []byte {
			return append(append(append(dst, pick(d, firstNames)...), ' '), pick(d, lastNames)...)
		})},
		{"emailAddress", text, words(func(dst []byte, d *dice) []byte {
			return append(letters(append(letters(dst, d, 7), '@'), d, 5), ".com"...)
		})},
		{"creditCard", text, words(creditCard)},
		{"city", text, words(func(dst []byte, d *dice) []byte { return append(dst, pick(d, cities)...) })},
		{"state", text, words(func(dst []byte, d *dice) []byte { return append(dst, pick(d, states)...) })},
		{"dateTime", timestamp, eventTime},
		{"extra", text, filler(100)},
	}},
	{name: "auction", before: persons, each: auctions, columns: []column{
		{"id", bigint, func(_ *generator, n int64, _ *dice, v *data.Vector) {
			v.AppendInt(firstAuction + made(n, persons, auctions) - 1)
		}},
		{"itemName", text, filler(20)},
		{"description", text, filler(100)},
		{"initialBid", bigint, func(_ *generator, _ int64, d *dice, v *data.Vector) { v.AppendInt(price(d)) }},
		{"reserve", bigint, func(g *generator, n int64, d *dice, v *data.Vector) {
			initial := g.dice(n, initialBidColumn)
			v.AppendInt(price(&initial) + price(d))
		}},
		{"dateTime", timestamp, eventTime},
		{"expires", timestamp, func(g *generator, n int64, d *dice, v *data.Vector) {
			// About as long as it takes for all open auctions to be replaced.
			v.AppendInt(g.time(n) + 1000*(1+d.below(max(2*openAuctions*round/auctions*g.step/1000, 1))))
		}},
		{"seller", bigint, func(_ *generator, n int64, d *dice, v *data.Vector) { v.AppendInt(d.trader(n, hotSeller, 0)) }},
		{"category", bigint, func(_ *generator, _ int64, d *dice, v *data.Vector) { v.AppendInt(firstCategory + d.below(categories)) }},
		{"extra", text, filler(200)},
	}},
	{name: "bid", before: persons + auctions, each: bids, columns: []column{
		{"auction", bigint, func(_ *generator, n int64, d *dice, v *data.Vector) { v.AppendInt(d.auction(n)) }},
		{"bidder", bigint, func(_ *generator, n int64, d *dice, v *data.Vector) { v.AppendInt(d.trader(n, hotBidder, 1)) }},
		{"price", bigint, func(_ *generator, _ int64, d *dice, v *data.Vector) { v.AppendInt(price(d)) }},
		{"channel", text, func(g *generator, n int64, _ *dice, v *data.Vector) {
			dst, _ := g.channel(v.Bytes, n)
			end(v, dst)
		}},
		{"url", text, func(g *generator, n int64, d *dice, v *data.Vector) { end(v, g.url(v.Bytes, n, d)) }},
		{"dateTime", timestamp, eventTime},
		{"extra", text, filler(50)},
	}},
}

// end makes dst, which v.Bytes was extended to, the next text of v.
func end(v *data.Vector, dst []byte) {
	v.Bytes = dst
	v.AppendText(nil)
}

// words makes texts of random numbers alone.
func words(f func(dst []byte, d *dice) []byte) func(*generator, int64, *dice, *data.Vector) {
	return func(_ *generator, _ int64, d *dice, v *data.Vector) { end(v, f(v.Bytes, d)) }
}

func filler(most int64) func(*generator, int64, *dice, *data.Vector) {
	return words(func(dst []byte, d *dice) []byte { return letters(dst, d, 3+d.below(most-2)) })
}

func eventTime(g *generator, n int64, _ *dice, v *data.Vector) { v.AppendInt(g.time(n)) }

// price is between 1 and a million, in cents, its logarithm evenly distributed.
func price(d *dice) int64 { return int64(math.Round(math.Pow(10, 6*d.unit()) * 100)) }

func pick(d *dice, from []string) string { return from[d.below(int64(len(from)))] }

func letters(dst []byte, d *dice, n int64) []byte {
	h := uint64(0)
	for i := range n {
		if i%12 == 0 {
			h = d.next()
		}
		dst = append(dst, "abcdefghijklmnopqrstuvwxyzaeiost"[h&31])
		h >>= 5
	}
	return dst
}

func creditCard(dst []byte, d *dice) []byte {
	for i := range 4 {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, strconv.FormatInt(10_000+d.below(10_000), 10)[1:]...)
	}
	return dst
}

// channel appends the name of the channel that bid n came by: one of four as often as
// one of very many, whose number is returned; that is -1 for the four.
func (g *generator) channel(dst []byte, n int64) ([]byte, int64) {
	d := g.dice(n, channelColumn)
	if d.below(2) > 0 {
		return append(dst, pick(&d, channels)...), -1
	}
	i := d.below(10_000)
	return strconv.AppendInt(append(dst, "channel-"...), i, 10), i
}

// url appends the address that bid n came by; that of one of the many channels tells
// its id.
func (g *generator) url(dst []byte, n int64, d *dice) []byte {
	dst = append(dst, "https://www.nexmark.com/"...)
	for range 3 {
		dst = append(letters(dst, d, 5), '/')
	}
	dst = append(dst, "item.htm?query=1"...)
	if _, i := g.channel(nil, n); i >= 0 && i%10 != 0 {
		dst = strconv.AppendInt(append(dst, "&channel_id="...), i*2654435761%1_000_000_007, 10)
	}
	return dst
}

var (
	firstNames = []string{"Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hal", "Ida", "Jon", "Kim"}
	lastNames  = []string{"Abbot", "Baker", "Carter", "Dyer", "Fisher", "Glover", "Hunter", "Mason", "Potter"}
	states     = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities     = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	channels   = []string{"Google", "Facebook", "Baidu", "Apple"}
)
