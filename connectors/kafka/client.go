package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"tidemark/connectors"
)

// client reaches a cluster. It may be used by several goroutines at a time.
type client struct {
	kafka.Client // its Transport is transport
	transport    *kafka.Transport
	brokers      string // for messages
	conns        connections
	end          context.CancelFunc // of the transport's own goroutines
}

// How long is waited for the other side.
const (
	dialTimeout    = 10 * time.Second
	requestTimeout = 30 * time.Second
	// layoutAge is how old the transport's idea of which brokers there are may get.
	layoutAge = 5 * time.Second
)

// newClient returns a client by the options of connectionOptions. It connects when it is
// first asked something; topics are those that it is going to be asked about, nil for
// any. Relative paths start from baseDir. Who gets it closes it.
func newClient(o connectors.Options, baseDir string, topics []string) (*client, error) {
	addrs, err := brokers(o)
	if err != nil {
		return nil, err
	}
	c := &client{brokers: strings.Join(addrs, ",")}
	// A request that comes when the connections have been closed would start the transport's
	// goroutines once more, and nobody would end them.
	life, end := context.WithCancel(context.Background())
	c.end = end
	c.transport = &kafka.Transport{
		Context: life, Dial: c.conns.dial, DialTimeout: dialTimeout, IdleTimeout: time.Minute,
		MetadataTTL: layoutAge, MetadataTopics: topics, ClientID: o.Text("client_id", "tidemark"),
	}
	if c.transport.TLS, err = tlsConfig(o, baseDir); err != nil {
		return nil, err
	}
	if c.transport.SASL, err = mechanism(o, baseDir); err != nil {
		return nil, err
	}
	c.Client = kafka.Client{Addr: kafka.TCP(addrs...), Timeout: requestTimeout, Transport: c.transport}
	return c, nil
}

// brokers returns the addresses of the option, each with a port.
func brokers(o connectors.Options) ([]string, error) {
	const hint = "write for example brokers = 'localhost:9092'"
	addrs, err := list(o, "brokers")
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, &connectors.OptionError{Option: "connector", Message: "connector 'kafka' needs the option brokers", Hint: hint}
	}
	for i, a := range addrs {
		if !strings.Contains(a, ":") {
			addrs[i] = a + ":9092"
			continue
		}
		host, port, err := net.SplitHostPort(a)
		if n, perr := strconv.Atoi(port); err != nil || perr != nil || host == "" || n < 1 || n > 65535 {
			return nil, &connectors.OptionError{Option: "brokers", Message: fmt.Sprintf("brokers: '%s' is not an address", a), Hint: hint}
		}
	}
	return addrs, nil
}

// Close ends all connections, those that somebody waits for included.
func (c *client) Close() {
	c.end()
	c.transport.CloseIdleConnections()
	c.conns.close()
}

// ask sends a request and waits for its answer, for no longer than its time. What goes
// wrong on the way is Unavailable when it may pass.
func (c *client) ask(ctx context.Context, req kafka.Request, most time.Duration) (kafka.Response, error) {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	res, err := c.transport.RoundTrip(limited, c.Addr, req)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return res, c.explain(err)
}

// explain says what an error of a request means. Those that may pass are Unavailable.
func (c *client) explain(err error) error {
	if err == nil || connectors.IsUnavailable(err) {
		return err
	}
	where := "Kafka at " + c.brokers
	var code kafka.Error
	if errors.As(err, &code) {
		return c.explainCode(where, code)
	}
	var record tls.RecordHeaderError
	var op *net.OpError
	text, untrusted := err.Error(), connectors.Untrusted(err)
	switch {
	case untrusted != nil:
		return &connectors.OptionError{Option: "tls", Message: where + ": the broker's certificate is not to be trusted: " + untrusted.Error(), Hint: "name the authority's certificate by tls_ca"}
	case errors.As(err, &record):
		return &connectors.OptionError{Option: "tls", Message: where + ": the broker does not speak TLS at this address", Hint: "use its port for TLS, or leave out tls"}
	case strings.Contains(text, "expecting TLS"):
		return &connectors.OptionError{Option: "brokers", Message: where + ": the broker speaks TLS at this address", Hint: "set tls = 'true'"}
	case errors.Is(err, context.DeadlineExceeded):
		text = "no answer in time"
	case errors.Is(err, protocol.ErrNoTopic), errors.Is(err, protocol.ErrNoPartition):
		return &connectors.Unavailable{Err: fmt.Errorf("%s: the topic or partition is not there any more", where)}
	case errors.Is(err, protocol.ErrNoLeader):
		return &connectors.Unavailable{Err: fmt.Errorf("%s: no broker has the partition at present", where)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		text = "the broker has ended the connection"
		var why []string
		if c.transport.SASL != nil {
			why = append(why, "when the user's name or password is wrong")
		}
		if c.transport.TLS != nil {
			why = append(why, "where they do not speak TLS")
		}
		if c.transport.SASL == nil {
			why = append(why, "where they ask who connects (sasl_mechanism)")
		}
		if len(why) > 0 {
			text += ", as some do " + strings.Join(why, ", or ")
		}
	case errors.As(err, &op):
		text = op.Err.Error()
		if op.Addr != nil {
			where = "Kafka at " + op.Addr.String()
		}
		text = strings.TrimPrefix(text, op.Op+": ")
	}
	return &connectors.Unavailable{Err: fmt.Errorf("%s cannot be reached: %s", where, text)}
}

// explainCode says what an answer of a broker means that is only a code.
func (c *client) explainCode(where string, code kafka.Error) error {
	switch code {
	case kafka.SASLAuthenticationFailed:
		return &connectors.OptionError{Option: "sasl_password", Message: where + ": the user's name or password is wrong", Hint: "check sasl_username, sasl_password and sasl_mechanism"}
	case kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState:
		return &connectors.OptionError{Option: "sasl_mechanism", Message: where + ": the broker does not take this sasl_mechanism", Hint: "others are " + strings.Join(mechanisms, ", ")}
	}
	err := fmt.Errorf("%s: %s", where, describe(code))
	if passes(code) {
		return &connectors.Unavailable{Err: err}
	}
	return err
}

// describe returns what a code stands for, as part of a sentence.
func describe(code kafka.Error) string {
	title := code.Title()
	if title == "" {
		return fmt.Sprintf("error %d", int(code))
	}
	return fmt.Sprintf("%s (error %d)", title, int(code))
}

// passes reports whether an error of a broker may pass by itself.
func passes(code kafka.Error) bool {
	return code.Temporary() || code.Timeout() || code == kafka.BrokerNotAvailable || code == kafka.ReplicaNotAvailable
}
