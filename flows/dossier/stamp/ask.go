package stamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/digitorus/timestamp"
)

// maxReply is the longest answer that is read, bytes: a chain of certificates is
// a few thousand.
const maxReply = 64 << 10

// Config is what asking needs.
type Config struct {
	URLs    []string      // of the authorities; none = nothing is stamped
	Timeout time.Duration // of one answer; 0 = 15 s
	Random  io.Reader     // for the number that ties an answer to its question
	// Roots are certificates that chains may end with, so that Stamp.Chain is whole
	// also where an authority leaves its root out; nil = none.
	Roots *x509.CertPool
}

// Asker asks authorities. It may be used by any number of goroutines.
type Asker struct {
	cfg    Config
	client *http.Client
}

// New takes the client to ask with. An address that stands twice is asked once.
func New(cfg Config, client *http.Client) (*Asker, error) {
	if client == nil || cfg.Random == nil {
		return nil, errors.New("stamp: a client and randomness are needed")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	var urls []string
	for _, u := range cfg.URLs {
		if !slices.Contains(urls, u) {
			urls = append(urls, u)
		}
		if at, err := url.Parse(u); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return nil, errors.New("stamp: an authority's address is not one")
		}
	}
	cfg.URLs = urls
	return &Asker{cfg: cfg, client: client}, nil
}

// URLs are the authorities' addresses, each once.
func (a *Asker) URLs() []string { return a.cfg.URLs }

// Stamp is an answer as it came, with the certificates in it.
type Stamp struct {
	Token Token
	Reply []byte // DER, as openssl ts reads it
	Chain []byte // PEM: the authority's certificate, those it came with, and its root if it is known; whole if Token.Root is set
}

// Ask has one authority stamp a SHA-256 and checks the answer before it counts.
// Any error may be gone at the next try; none has the address in it, which may
// carry a key.
func (a *Asker) Ask(ctx context.Context, address string, digest []byte) (Stamp, error) {
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	var raw [12]byte
	if _, err := io.ReadFull(a.cfg.Random, raw[:]); err != nil {
		return Stamp{}, fmt.Errorf("stamp: %w", err)
	}
	nonce := new(big.Int).SetBytes(raw[:])
	question, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true, Nonce: nonce}).Marshal()
	if err != nil {
		return Stamp{}, fmt.Errorf("stamp: %w", err)
	}
	reply, err := a.post(ctx, address, question)
	if err != nil {
		return Stamp{}, fmt.Errorf("stamp: %w", err)
	}
	token, err := Check(reply, a.cfg.Roots)
	if err != nil {
		return Stamp{}, err
	}
	if !bytes.Equal(token.Digest, digest) || token.nonce == nil || token.nonce.Cmp(nonce) != 0 {
		return Stamp{}, fmt.Errorf("%w: it answers another question", ErrStamp)
	}
	return Stamp{Token: token, Reply: reply, Chain: token.pem()}, nil
}

func (a *Asker) post(ctx context.Context, address string, question []byte) (reply []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return nil, nameless(err)
	}
	req.Header.Set("Content-Type", "application/timestamp-query")
	req.Header.Set("Accept", "application/timestamp-reply")
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, nameless(err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the authority answers %d", resp.StatusCode)
	}
	reply, err = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err == nil && len(reply) > maxReply {
		err = errors.New("the answer is too long")
	}
	return reply, err
}

// nameless takes the address off an error.
func nameless(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func (t Token) pem() []byte {
	var out bytes.Buffer
	for _, c := range t.certificates {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // memory does not fail
	}
	return out.Bytes()
}

var patternName = regexp.MustCompile(`[^a-z0-9.]+`)

// Name is an authority's address as part of a file name: its host, then its
// number among the authorities.
func (a *Asker) Name(address string) string {
	number := 0
	for i, u := range a.cfg.URLs {
		if u == address {
			number = i + 1
		}
	}
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = strings.Trim(patternName.ReplaceAllString(strings.ToLower(u.Hostname()), "-"), "-.")
	}
	return fmt.Sprintf("%s-%d", host, number)
}
