package stamp

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// ErrStamp says that a time stamp does not hold.
var ErrStamp = errors.New("the time stamp does not hold")

// Token is what a time stamp says.
type Token struct {
	Digest    []byte // SHA-256 of what was stamped
	Time      time.Time
	Authority string // name in its certificate, whole, which is what it says itself unless Trusted
	Name      string // the same as people read it: what it is called, and whose it is
	Root      string // SHA-256 of the certificate the chain ends with, hex; "" = the chain is not whole
	Trusted   bool   // the chain ends with a root the reader trusts

	nonce        *big.Int
	certificates []*x509.Certificate // the signer's first
}

// parsing lets one answer be read at a time: pkcs7 counts how deep it is in a
// variable of its whole package.
var parsing sync.Mutex //nolint:gochecknoglobals // it guards a variable that is as global

func parse(reply []byte) (*timestamp.Timestamp, *pkcs7.PKCS7, error) {
	parsing.Lock()
	defer parsing.Unlock()
	token, err := granted(reply)
	if err != nil {
		return nil, nil, err
	}
	stamp, err := timestamp.Parse(token)
	if err != nil {
		return nil, nil, err
	}
	p7, err := pkcs7.Parse(stamp.RawToken)
	return stamp, p7, err
}

// granted takes the token out of an answer that gives one. An authority may have
// changed something of what was asked (status 1): what it signed is checked all
// the same, as openssl does it.
func granted(reply []byte) ([]byte, error) {
	var answer struct {
		Status struct {
			Status int
			Words  []string       `asn1:"optional,utf8"`
			Failed asn1.BitString `asn1:"optional"`
		}
		Token asn1.RawValue `asn1:"optional"`
	}
	rest, err := asn1.Unmarshal(reply, &answer)
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0:
		return nil, errors.New("something follows it")
	case answer.Status.Status != 0 && answer.Status.Status != 1:
		return nil, fmt.Errorf("the authority refuses (status %d): %q", answer.Status.Status, answer.Status.Words)
	case len(answer.Token.FullBytes) == 0:
		return nil, errors.New("the authority gives none")
	}
	return answer.Token.FullBytes, nil
}

// Check reads the answer of an authority, as openssl writes it to .tsr files, and
// demands that it is signed, as a whole, by the certificate of an authority for
// time stamps that was valid then. roots are those the reader trusts; nil =
// none. It bears any bytes.
func Check(reply []byte, roots *x509.CertPool) (t Token, err error) {
	if len(reply) > maxReply {
		return Token{}, fmt.Errorf("%w: too long", ErrStamp)
	}
	defer func() { // the readers of ASN.1 were not made for strangers' bytes
		if r := recover(); r != nil {
			t, err = Token{}, fmt.Errorf("%w: cannot be read", ErrStamp)
		}
	}()
	parsed, p7, err := parse(reply)
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrStamp, err)
	}
	if err := p7.Verify(); err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrStamp, err)
	}
	signer := p7.GetOnlySigner()
	switch {
	case signer == nil:
		return Token{}, fmt.Errorf("%w: it is not known who signed", ErrStamp)
	case !named(p7, signer):
		return Token{}, fmt.Errorf("%w: it names another certificate", ErrStamp)
	case parsed.HashAlgorithm != crypto.SHA256 || len(parsed.HashedMessage) != sha256.Size:
		return Token{}, fmt.Errorf("%w: another hash than SHA-256", ErrStamp)
	case !slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageTimeStamping):
		return Token{}, fmt.Errorf("%w: the certificate is not one for time stamps", ErrStamp)
	case parsed.Time.Before(signer.NotBefore) || parsed.Time.After(signer.NotAfter):
		return Token{}, fmt.Errorf("%w: the certificate was not valid then", ErrStamp)
	}
	t = Token{Digest: parsed.HashedMessage, Time: parsed.Time.UTC(), Authority: signer.Subject.String(), Name: called(signer.Subject), nonce: parsed.Nonce}
	t.certificates = append(t.certificates, signer)
	for _, c := range p7.Certificates {
		if !c.Equal(signer) {
			t.certificates = append(t.certificates, c)
		}
	}
	t.chain(roots)
	return t, nil
}

// called is a name without the parts that programs sort by. What turns or hides
// letters is not shown.
func called(n pkix.Name) string {
	parts := append([]string{n.CommonName}, n.Organization...)
	name := strings.Join(slices.DeleteFunc(parts[:min(len(parts), 2)], func(s string) bool { return s == "" }), ", ")
	if name == "" {
		name = n.String()
	}
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	if all := []rune(name); len(all) > longestName {
		name = string(all[:longestName])
	}
	return name
}

const longestName = 200

// chain finds the root: one the reader trusts, else the one that came along.
func (t *Token) chain(trusted *x509.CertPool) {
	between, own := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range t.certificates {
		between.AddCert(c)
		if c.CheckSignatureFrom(c) == nil {
			own.AddCert(c)
		}
	}
	for _, roots := range []*x509.CertPool{trusted, own} {
		if roots == nil {
			continue
		}
		chains, err := t.certificates[0].Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: between, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
		})
		if err != nil {
			continue // no chain to these: what is said of the stamp is less, not wrong
		}
		last := chains[0][len(chains[0])-1]
		sum := sha256.Sum256(last.Raw)
		t.Root, t.Trusted = hex.EncodeToString(sum[:]), roots == trusted
		for _, c := range chains[0] {
			if !slices.ContainsFunc(t.certificates, c.Equal) {
				t.certificates = append(t.certificates, c)
			}
		}
		return
	}
}
