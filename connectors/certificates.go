package connectors

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// OptionFile reads the file that an option names.
func OptionFile(o Options, name, baseDir string) ([]byte, error) {
	path := Resolve(baseDir, o.Text(name, ""))
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &OptionError{Option: name, Message: fmt.Sprintf("%s: '%s' cannot be read: %v", name, path, Reason(err))}
	}
	return text, nil
}

// Authorities reads the file, which an option names, of those whose certificates are
// trusted.
func Authorities(o Options, name, baseDir string) (*x509.CertPool, error) {
	pem, err := OptionFile(o, name, baseDir)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &OptionError{Option: name, Message: fmt.Sprintf("%s: '%s' has no certificates", name, o.Text(name, "")), Hint: "they are written in PEM form: -----BEGIN CERTIFICATE-----"}
	}
	return pool, nil
}

// Untrusted returns why the certificate of the other side is not to be trusted; nil when
// err is about something else. That does not pass.
func Untrusted(err error) error {
	var check *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case errors.As(err, &check):
		return check.Err
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &invalid):
		return invalid
	case errors.As(err, &host):
		return host
	}
	return nil
}
