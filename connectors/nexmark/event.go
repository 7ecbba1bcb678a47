package nexmark

import "math/bits"

// Of every 50 events the first is a person, the next three are auctions, and the
// others are bids.
const (
	persons  = 1
	auctions = 3
	bids     = 46
	round    = persons + auctions + bids
)

// The least ids, and how much of what there is takes part.
const (
	firstPerson   = 1000
	firstAuction  = 1000
	firstCategory = 10
	categories    = 5
	activePersons = 1000 // those who joined last sell and bid
	openAuctions  = 100  // those that began last take bids
	idLead        = 10   // some ids are of persons and auctions that are still to come
	// Some are hot: one in so many ids, chosen with these odds to one.
	hotEvery   = 100
	hotAuction = 2
	hotSeller  = 4
	hotBidder  = 4
)

// table is one of the three kinds of events, and the rows that are made of it.
type table struct {
	name    string
	before  int64 // events of a round before its own
	each    int64 // events of a round
	columns []column
}

// event returns the number of the event that row i of the table is.
func (t *table) event(i int64) int64 { return i/t.each*round + t.before + i%t.each }

// rows returns how many of the first events are rows of the table.
func (t *table) rows(events int64) int64 {
	return events/round*t.each + min(max(events%round-t.before, 0), t.each)
}

// made returns how many persons or auctions there are with event n, the last
// included: of a round's events, before are of other kinds and then come each.
func made(n, before, each int64) int64 {
	return n/round*each + min(max(n%round+1-before, 0), each)
}

// dice are random numbers that depend on the seed, the event and what they are for.
type dice struct{ state uint64 }

// roll begins the numbers of an event for a purpose.
func roll(seed uint64, event int64, purpose uint64) dice {
	d := dice{seed + uint64(event)*0xd1342543de82ef95}
	d.state = d.next() ^ purpose*0xa0761d6478bd642f
	return d
}

// next is SplitMix64 (Steele, Lea and Flood, 2014).
func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	x := d.state
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below returns a number from 0 to n-1.
func (d *dice) below(n int64) int64 {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int64(hi)
}

// unit returns a number in [0, 1).
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// person returns one of the persons who joined before event n or will soon.
func (d *dice) person(n int64) int64 {
	people := made(n, 0, persons)
	active := min(people, activePersons)
	return firstPerson + people - active + d.below(active+idLead)
}

// trader is person, or with odds of one less to one the same person for many events.
func (d *dice) trader(n, odds, hot int64) int64 {
	if d.below(odds) > 0 {
		return firstPerson + (made(n, 0, persons)-1)/hotEvery*hotEvery + hot
	}
	return d.person(n)
}

// auction returns an auction that takes bids at event n, mostly a hot one.
func (d *dice) auction(n int64) int64 {
	last := max(made(n, persons, auctions)-1, 0)
	if d.below(hotAuction) > 0 {
		return firstAuction + last/hotEvery*hotEvery
	}
	first := max(last-openAuctions, 0)
	return firstAuction + first + d.below(last-first+1+idLead)
}
