package kafka

import (
	"fmt"
	"strings"

	"tidemark/connectors"
)

// connectionOptions are those of reaching a cluster, for sources and sinks.
func connectionOptions() []connectors.OptionSpec {
	return []connectors.OptionSpec{
		{Name: "brokers", Source: true, Sink: true, Doc: "Some of the brokers, as host:port, separated by commas; required. Those of the cluster that are not named are found by them."},
		{Name: "tls", Kind: "bool", Default: "false", Source: true, Sink: true, Doc: "Whether the connections are encrypted. The brokers' certificates are checked."},
		{Name: "tls_ca", Kind: "path", Default: "the system's", Source: true, Sink: true, Doc: "A file of the certificates, in PEM form, by which the brokers' are checked."},
		{Name: "tls_certificate", Kind: "path", Source: true, Sink: true, Doc: "A file with the certificate, in PEM form, that is shown to the brokers."},
		{Name: "tls_key", Secret: true, Source: true, Sink: true, Doc: "Where the certificate's key in PEM form is: 'file:PATH' or 'env:NAME'."},
		{Name: "sasl_mechanism", Values: mechanisms, Source: true, Sink: true, Doc: "How the brokers are told who connects."},
		{Name: "sasl_username", Source: true, Sink: true, Doc: "The user's name."},
		{Name: "sasl_password", Secret: true, Source: true, Sink: true, Doc: "Where the user's password is: 'env:NAME' or 'file:PATH'."},
		{Name: "client_id", Default: "tidemark", Source: true, Sink: true, Doc: "What the brokers call this program in their logs and quotas."},
	}
}

// synonyms are the names that other engines have for options of this connector.
var synonyms = []struct{ other, own string }{
	{"properties.bootstrap.servers", "brokers"},
	{"properties.client.id", "client_id"},
	{"properties.group.id", "group_id"},
	{"properties.isolation.level", "isolation_level"},
	{"properties.sasl.mechanism", "sasl_mechanism"},
	{"topic-pattern", "topic_pattern"},
	{"scan.topic-partition-discovery.interval", "discovery_interval"},
}

// withSynonyms returns specs and those of their synonyms.
func withSynonyms(specs []connectors.OptionSpec) []connectors.OptionSpec {
	for _, s := range synonyms {
		for _, own := range specs {
			if own.Name != s.own {
				continue
			}
			own.Name, own.Doc, own.Default = s.other, "Another name of "+s.own+".", ""
			specs = append(specs, own)
			break
		}
	}
	return specs
}

// canonical returns options in which every synonym is also there by its own name.
func canonical(o connectors.Options) (connectors.Options, error) {
	for _, s := range synonyms {
		value, ok := o.Get(s.other)
		if !ok {
			continue
		}
		if own, ok := o.Get(s.own); ok && own != value {
			return o, &connectors.OptionError{Option: s.other, Message: fmt.Sprintf("%s and %s are the same option, and have two values", s.other, s.own), Hint: "leave one out"}
		}
		o = o.With(s.own, value)
	}
	return o, nil
}

// list returns the parts of an option that has several, without the spaces around
// them; nil when it is not given.
func list(o connectors.Options, name string) ([]string, error) {
	v, ok := o.Get(name)
	if !ok {
		return nil, nil
	}
	parts := strings.Split(v, ",")
	for i, p := range parts {
		if parts[i] = strings.TrimSpace(p); parts[i] == "" {
			return nil, &connectors.OptionError{Option: name, Message: fmt.Sprintf("%s = '%s' has an empty part", name, v), Hint: "separate the parts by single commas"}
		}
	}
	return parts, nil
}

// check finds what is wrong with the options of a relation together.
func check(o connectors.Options, sink bool) error {
	o, err := canonical(o)
	if err != nil {
		return err
	}
	if _, err := brokers(o); err != nil {
		return err
	}
	if _, err := tlsOn(o); err != nil {
		return err
	}
	if _, _, err := saslUser(o); err != nil {
		return err
	}
	if sink {
		return (&sinkSettings{}).plain(o)
	}
	_, err = newScan(o)
	return err
}
