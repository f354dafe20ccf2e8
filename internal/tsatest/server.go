package tsatest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Authority is one running authority.
type Authority struct {
	URL   string
	Root  string // path of the root certificate, PEM
	Asked atomic.Int64
	Down  atomic.Bool // it answers 503
	Bare  atomic.Bool // it leaves its root out
	dir   string
}

const config = `[tsa]
default_tsa = own
[own]
serial = $ENV::DIR/serial
signer_cert = $ENV::DIR/tsa.pem
certs = $ENV::DIR/$ENV::CHAIN.pem
signer_key = $ENV::DIR/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

// New starts an authority that ends with the test.
func New(t *testing.T, name string) *Authority {
	t.Helper()
	a := &Authority{dir: t.TempDir()}
	a.Root = filepath.Join(a.dir, "root.pem")
	now := time.Now()
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name + " root"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	require.NoError(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	usage := pkix.Extension{Id: []int{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}} // time stamping alone
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{usage},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for file, block := range map[string]*pem.Block{
		"root.pem": {Type: "CERTIFICATE", Bytes: rootDER}, "tsa.pem": {Type: "CERTIFICATE", Bytes: leafDER}, "tsa.key": {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(a.dir, file), pem.EncodeToMemory(block), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(a.dir, "conf"), []byte(config), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(a.dir, "serial"), []byte("01\n"), 0o600))
	server := httptest.NewServer(http.HandlerFunc(a.answer))
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// answer lets openssl answer one question.
func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	n := a.Asked.Add(1)
	if a.Down.Load() {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	question, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
		http.Error(w, "not a question", http.StatusBadRequest)
		return
	}
	file := filepath.Join(a.dir, "q"+big.NewInt(n).String())
	if err := os.WriteFile(file, question, 0o600); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	cmd := exec.CommandContext(r.Context(), "openssl", "ts", "-reply", "-config", filepath.Join(a.dir, "conf"), "-queryfile", file, "-out", file+".tsr")
	chain := "root"
	if a.Bare.Load() {
		chain = "tsa"
	}
	cmd.Env = append(os.Environ(), "DIR="+a.dir, "CHAIN="+chain)
	if said, err := cmd.CombinedOutput(); err != nil {
		http.Error(w, string(said), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	http.ServeFile(w, r, file+".tsr")
}
