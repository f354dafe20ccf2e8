package stamp

import (
	"bytes"
	"crypto"
	"crypto/sha1"     //nolint:gosec // the older form of the attribute knows nothing else; openssl reads it, too
	_ "crypto/sha256" // a certificate may be named by any of these
	_ "crypto/sha512" // the same
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/digitorus/pkcs7"
)

// named says whether the signed part of a token names this very certificate (ESS,
// RFC 5816 and 2634). Without that anyone could put another name to the same key.
func named(p7 *pkcs7.PKCS7, signer *x509.Certificate) bool {
	var newer struct {
		Certs []struct {
			Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
			Hash      []byte
			Issuer    asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if p7.UnmarshalSignedAttribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}, &newer) == nil && len(newer.Certs) > 0 {
		algorithm := crypto.SHA256
		switch oid := newer.Certs[0].Algorithm.Algorithm; {
		case len(oid) == 0 || oid.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}):
		case oid.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}):
			algorithm = crypto.SHA384
		case oid.Equal(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}):
			algorithm = crypto.SHA512
		default:
			return false
		}
		sum := algorithm.New()
		_, _ = sum.Write(signer.Raw) // never fails
		return bytes.Equal(sum.Sum(nil), newer.Certs[0].Hash)
	}
	var older struct {
		Certs []struct {
			Hash   []byte
			Issuer asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if p7.UnmarshalSignedAttribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}, &older) != nil || len(older.Certs) == 0 {
		return false
	}
	sum := sha1.Sum(signer.Raw) //nolint:gosec // see above
	return bytes.Equal(sum[:], older.Certs[0].Hash)
}
