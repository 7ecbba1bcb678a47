package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/addoffsetstotxn"
	"github.com/segmentio/kafka-go/protocol/endtxn"
	"github.com/segmentio/kafka-go/protocol/initproducerid"
	"github.com/segmentio/kafka-go/protocol/txnoffsetcommit"

	"tidemark/connectors"
)

// commit makes the transaction visible together with the mark. It waits for as long as it
// cannot know whether it is.
func (t *transactions) commit(ctx context.Context, m connectors.Mark) error {
	name := t.out.name
	t.open = true
	err := t.request(ctx, &addoffsetstotxn.Request{TransactionalID: t.id, ProducerID: name.ID, ProducerEpoch: name.Epoch, GroupID: t.id},
		func(res kafka.Response) int16 { return res.(*addoffsetstotxn.Response).ErrorCode })
	if err != nil {
		return t.failed(err)
	}
	offset := txnoffsetcommit.RequestPartition{Partition: 0, CommittedOffset: m.Rows, CommittedLeaderEpoch: -1,
		CommittedMetadata: fmt.Sprintf(markFormat, m.Checkpoint, m.Rows, t.self)}
	err = t.request(ctx, &txnoffsetcommit.Request{TransactionalID: t.id, GroupID: t.id, ProducerID: name.ID, ProducerEpoch: name.Epoch, GenerationID: -1,
		Topics: []txnoffsetcommit.RequestTopic{{Name: t.out.topic, Partitions: []txnoffsetcommit.RequestPartition{offset}}}},
		func(res kafka.Response) int16 {
			for _, r := range res.(*txnoffsetcommit.Response).Topics {
				for _, p := range r.Partitions {
					return p.ErrorCode
				}
			}
			return int16(kafka.RequestTimedOut)
		})
	if err != nil {
		return t.failed(err)
	}
	err = t.out.DoFor(ctx, 0, func() error { return t.end(ctx, true) })
	switch {
	case err == nil:
		t.out.ended()
		t.open, t.ending = false, true
		return nil
	case superseded(err):
		return t.resolve(ctx, m)
	}
	return t.failed(err)
}

// end asks the coordinator once to end the transaction.
func (t *transactions) end(ctx context.Context, commit bool) error {
	name := t.out.name
	res, err := t.out.ask.ask(ctx, &endtxn.Request{TransactionalID: t.id, ProducerID: name.ID, ProducerEpoch: name.Epoch, Committed: commit}, requestTimeout)
	if err != nil {
		return err
	}
	return answer(res.(*endtxn.Response).ErrorCode)
}

// resolve finds out whether a transaction was committed that the coordinator does not
// take for the one at hand any more.
func (t *transactions) resolve(ctx context.Context, m connectors.Mark) error {
	var is connectors.Mark
	err := t.out.DoFor(ctx, 0, func() (err error) {
		is, err = t.anew(ctx)
		return err
	})
	if err != nil || is == m {
		return err
	}
	return t.gaveUp()
}

// failed notes that the transaction cannot go on because of err, and returns what the
// caller is to know.
func (t *transactions) failed(err error) error {
	t.lost = true
	if superseded(err) {
		return t.gaveUp()
	}
	return err
}

func (t *transactions) gaveUp() error {
	return &connectors.Unavailable{Err: fmt.Errorf("topic %s: the broker has given the transaction up, maybe because it took longer than transaction_timeout = %s", t.out.topic, t.timeout)}
}

// abort gives up what was not committed, so that readers need not wait for it.
func (t *transactions) abort(ctx context.Context) {
	t.out.abandon()
	if t.open {
		t.open = t.end(ctx, false) != nil
	}
}

// settle waits until all can read what was committed last, but not for long. That another
// process has taken the job over is no error: it has waited for the same. It is the last
// that is asked of the transactions.
func (t *transactions) settle(ctx context.Context) error {
	if !t.ending || t.lost {
		return nil
	}
	t.ending, t.lost, t.patience = false, true, t.settling
	_, err := t.own(ctx, false) // or it would end the transaction of another process
	if err == nil {
		err = t.request(ctx, t.initialize(t.out.name), func(res kafka.Response) int16 {
			return res.(*initproducerid.Response).ErrorCode
		})
	}
	switch {
	case err == nil || superseded(err) || errors.Is(err, errTakenOver):
		return nil
	case connectors.IsUnavailable(err):
		return fmt.Errorf("%w: the last transaction is committed, but after %s it is not known whether the broker has made it visible: readers may see its messages later", err, t.settling)
	}
	return err
}
