package kafka

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/addpartitionstotxn"
	"github.com/segmentio/kafka-go/protocol/initproducerid"

	"tidemark/connectors"
)

// transactions has a producer's messages become visible by transactions that carry the
// job's mark: it is the metadata of the offset that a consumer group of the name of the
// transactional id has committed for the topic's first partition. Besides the mark it
// names the process that committed it, so that a process finds out that another has
// taken its job over.
type transactions struct {
	out     *producer
	id      string // the transactional id and the group
	timeout time.Duration
	// patience is for how long the broker is asked the same: as long as a transaction may
	// take, and at the end as long as settling.
	patience, settling time.Duration
	// clientID is what brokers call this program, and self names this process.
	clientID, self string
	// ours says that this process has taken the job over, which it does once: if another has
	// done so since, it ends.
	ours bool
	// open says that the coordinator has a transaction of ours.
	open bool
	// ending says that the last transaction is committed, and that the broker may still be
	// at writing that to the partitions: until then nobody sees its messages.
	ending bool
	// lost says that what was sent since the last commit may not be there: before more
	// is sent the transaction is begun anew.
	lost bool
}

// errTakenOver says that the job is not this process's any more.
var errTakenOver = errors.New("another process runs this job and has taken its output over: stop one of the two")

func newTransactions(out *producer, id, clientID string, timeout time.Duration) *transactions {
	t := &transactions{out: out, id: id, clientID: clientID, timeout: timeout, patience: timeout, settling: settleTimeout, self: rand.Text(), lost: true}
	out.txnID, out.inTransaction = id, t.include
	return t
}

// request asks the broker for something whose answer has one code, again and again for
// as long as its patience lasts.
func (t *transactions) request(ctx context.Context, req kafka.Request, code func(kafka.Response) int16) error {
	err := t.out.DoFor(ctx, t.patience, func() error {
		res, err := t.out.ask.ask(ctx, req, requestTimeout)
		if err != nil {
			return err
		}
		return answer(code(res))
	})
	if err != nil {
		return fmt.Errorf("topic %s: %w", t.out.topic, explainProducer(err))
	}
	return nil
}

// takeOver makes this process the one whose transactions count. What an earlier one
// has left open is aborted, and one that it was about to commit is committed.
func (t *transactions) takeOver(ctx context.Context) error {
	req := t.initialize(noProducer)
	var name producerID
	err := t.request(ctx, req, func(res kafka.Response) int16 {
		r := res.(*initproducerid.Response)
		name = producerID{r.ProducerID, r.ProducerEpoch}
		return r.ErrorCode
	})
	if err != nil {
		return err
	}
	t.out.restart(name)
	t.open, t.lost, t.ending = false, false, false
	return nil
}

// initialize asks for a name for the transactions to come, which the broker gives once the
// last one is over. Where it is not noProducer, only the process that has the name now gets it.
func (t *transactions) initialize(now producerID) *initproducerid.Request {
	return &initproducerid.Request{TransactionalID: t.id, TransactionTimeoutMs: int32(t.timeout.Milliseconds()), ProducerID: now.ID, ProducerEpoch: now.Epoch}
}

// committed is what the group has committed.
type committed struct {
	connectors.Mark
	by string // the process; empty when nothing has been committed
}

// committed returns what is committed. Unless it is to be stable, that of a transaction
// which is about to end may be missing.
func (t *transactions) committed(ctx context.Context, stable bool) (committed, error) {
	text := ""
	err := t.request(ctx, &offsetRequest{client: t.clientID, group: t.id, topic: t.out.topic, stable: stable}, func(res kafka.Response) int16 {
		r := res.(*offsetAnswer)
		text = r.metadata
		return int16(r.err)
	})
	var c committed
	if codeOf(err) == kafka.GroupIdNotFound {
		return c, nil
	}
	if err != nil || text == "" {
		return c, err
	}
	if _, err := fmt.Sscanf(text, markFormat, &c.Checkpoint, &c.Rows, &c.by); err != nil {
		return c, fmt.Errorf("topic %s: the consumer group %s has committed an offset that is no mark of Tidemark: another program uses the group", t.out.topic, t.id)
	}
	return c, nil
}

// markFormat is how a mark stands in the offset's metadata.
const markFormat = "tidemark-1 checkpoint %d rows %d process %s"

// marked takes the job over, the first time, and returns its mark.
func (t *transactions) marked(ctx context.Context) (connectors.Mark, error) {
	if t.ours {
		return t.anew(ctx)
	}
	t.out.abandon()
	if err := t.takeOver(ctx); err != nil {
		return connectors.Mark{}, err
	}
	c, err := t.committed(ctx, true)
	if err != nil {
		return connectors.Mark{}, err
	}
	// From here on an earlier process that is still there sees that it is not needed.
	if err := t.commit(ctx, c.Mark); err != nil {
		return connectors.Mark{}, err
	}
	t.ours = true
	return c.Mark, nil
}

// ready begins anew when a transaction was lost.
func (t *transactions) ready(ctx context.Context) error {
	if !t.lost {
		return nil
	}
	_, err := t.anew(ctx)
	return err
}

// anew gives up the transaction at hand and returns what was committed, unless another
// process has taken the job over.
func (t *transactions) anew(ctx context.Context) (connectors.Mark, error) {
	t.lost = true
	t.out.abandon()
	if _, err := t.own(ctx, false); err != nil { // our own may be what is about to end
		return connectors.Mark{}, err
	}
	if err := t.takeOver(ctx); err != nil {
		return connectors.Mark{}, err
	}
	m, err := t.own(ctx, true) // it is only now that nobody else can commit
	t.lost = err != nil
	return m, err
}

// own returns what was committed, provided that it was this process that did.
func (t *transactions) own(ctx context.Context, stable bool) (connectors.Mark, error) {
	c, err := t.committed(ctx, stable)
	switch {
	case err != nil:
	case c.by == "":
		err = fmt.Errorf("topic %s: the offset of the consumer group %s is gone, which tells what was written: was the topic made anew, or did the broker's offsets.retention.minutes pass?", t.out.topic, t.id)
	case c.by != t.self:
		err = fmt.Errorf("topic %s: %w", t.out.topic, errTakenOver)
	}
	return c.Mark, err
}

// include makes partitions part of the transaction, which it begins.
func (t *transactions) include(ctx context.Context, parts []*partition) error {
	var numbers []int32
	for _, part := range parts {
		if !part.added {
			numbers = append(numbers, part.number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	name := t.out.name
	req := &addpartitionstotxn.Request{TransactionalID: t.id, ProducerID: name.ID, ProducerEpoch: name.Epoch,
		Topics: []addpartitionstotxn.RequestTopic{{Name: t.out.topic, Partitions: numbers}}}
	t.open = true
	err := t.request(ctx, req, func(res kafka.Response) int16 {
		const notAttempted = 55 // because of another partition's error
		code := int16(0)
		for _, r := range res.(*addpartitionstotxn.Response).Results {
			for _, p := range r.Results {
				if p.ErrorCode != 0 && (code == 0 || code == notAttempted) {
					code = p.ErrorCode
				}
			}
		}
		return code
	})
	if err == nil {
		for _, part := range parts {
			part.added = true
		}
	}
	return err
}
