package remote

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

var errAddress = errors.New("the address is no URL: write special characters in it, and in its user name and password, as %XX")

// mirror returns the address of a file on the mirror that the environment names, and whether it names one. Its errors do not
// quote the environment, which may hold a password.
func mirror(environment, name string) (address string, ok bool, err error) {
	environment = strings.TrimSpace(environment)
	scheme, _, ok := strings.Cut(environment, "://")
	if !ok || strings.ContainsAny(scheme, `/\`) { // a folder
		return "", false, nil
	}
	if s := strings.ToLower(scheme); s != "http" && s != "https" {
		return "", true, fmt.Errorf("remote: the address in %s is neither http nor https", Environment)
	}
	u, err := url.Parse(environment)
	if err != nil {
		return "", true, fmt.Errorf("remote: %s: %w", Environment, errAddress)
	}
	return u.JoinPath((&url.URL{Path: name}).EscapedPath()).String(), true, nil
}

// shown returns an address for messages and files: without user name and password, and without the query, which may hold a key.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// withoutSecrets returns what is wrong with a request to u without the addresses that net/http writes into its errors.
func withoutSecrets(u *url.URL, err error) error {
	var request *url.Error
	for errors.As(err, &request) {
		err = request.Err
	}
	if strings.Contains(err.Error(), "invalid proxy") {
		return errors.New("the address of the proxy in the environment is no URL")
	}
	secret, ok := u.User.Password()
	if !ok {
		secret = u.User.Username()
	}
	if len(secret) >= 4 && strings.Contains(err.Error(), secret) {
		return fmt.Errorf("%w: its answer repeats the password", errRefused)
	}
	return err
}
