package kafka

import (
	"fmt"
	"testing"

	"tidemark/connectors"
)

// What options say that does not fit together is found before anything runs, as by
// "tidemark check", and without a broker or a secret.
func TestCheck(t *testing.T) {
	r := connectors.NewRegistry()
	r.Register(Connector())
	for _, c := range []struct {
		sink    bool
		options map[string]string
		want    string // option: message; empty for none
	}{
		{false, map[string]string{"sasl_mechanism": "PLAIN", "sasl_username": "u", "sasl_password": "env:NOT_SET", "tls": "true", "tls_ca": "not-there.pem"}, ""},
		{false, map[string]string{"scan.startup.mode": "timestamp", "scan.startup.timestamp": "soon"}, "scan.startup.timestamp: scan.startup.timestamp = 'soon' is not a time"},
		{false, map[string]string{"scan.startup.mode": "group"}, "scan.startup.mode: scan.startup.mode = 'group' needs the option group_id"},
		{false, map[string]string{"brokers": "host:port"}, "brokers: brokers: 'host:port' is not an address"},
		{false, map[string]string{"topic_pattern": "a.*"}, "topic_pattern: topic and topic_pattern both name topics"},
		{false, map[string]string{"sasl_password": "env:X"}, "sasl_password: sasl_username and sasl_password do nothing without sasl_mechanism"},
		{true, map[string]string{"tls_ca": "ca.pem"}, "tls_ca: tls_ca does nothing without tls"},
		{true, map[string]string{"tls": "true", "tls_key": "file:key.pem"}, "tls_key: tls_certificate and tls_key are of use only together"},
		{true, map[string]string{"partitions": "3"}, "partitions: partitions does nothing without create_topic"},
		{true, map[string]string{"topic": "a,b"}, "topic: topic = 'a,b' names several topics, and a sink writes one"},
		{true, map[string]string{"properties.client.id": "a", "client_id": "b"}, "properties.client.id: properties.client.id and client_id are the same option, and have two values"},
	} {
		options := map[string]string{"connector": "kafka", "brokers": "localhost:9092", "topic": "t", "format": "json"}
		for k, v := range c.options {
			options[k] = v
		}
		got := ""
		for _, e := range r.Check("kafka", connectors.NewOptions(options), c.sink) {
			got += fmt.Sprintf("%s: %s", e.Option, e.Message)
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", c.options, got, c.want)
		}
	}
}
