package storage

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/logging"
	gcaws "gocloud.dev/aws"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"

	"clipcase/flows"
)

// Requests are repeated, as the SDK does it, when the server is busy or the
// connection breaks; a connection on which nothing moves for s3Silence counts as
// broken.
const (
	s3Attempts = 5
	s3Silence  = 2 * time.Minute
	s3Dial     = 10 * time.Second
)

// s3Region stands in for a region where the server has none.
const s3Region = "us-east-1"

// address is a BLOB_URL of the form s3://bucket?endpoint=…&region=…, the options
// of which are those of gocloud's s3blob.
type address struct {
	bucket, endpoint, prefix string

	pathStyle, accelerate, plain bool // plain = no TLS
	sse                          types.ServerSideEncryption
	kms                          string
	rest                         url.Values // for gocloud's aws.V2ConfigFromURLParams
}

// badAddress is what is wrong with a BLOB_URL, in the catalogue's words.
func badAddress(key string, pairs ...any) error {
	return &flows.Error{Class: flows.Invalid, Text: flows.T("storage.url."+key, pairs...), Err: fmt.Errorf("BLOB_URL: %s %v", key, pairs)}
}

// CheckBlobURL says what is wrong with a BLOB_URL without asking anyone; the
// error's Text is for people. An empty one is right: it means the default.
func CheckBlobURL(text string) error {
	if text == "" {
		return nil
	}
	if strings.HasPrefix(text, s3blob.Scheme+"://") {
		_, err := readAddress(text)
		return err
	}
	_, err := folderOf(text)
	return err
}

// readAddress reads an s3:// address. Its errors never repeat it.
func readAddress(text string) (address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return address{}, badAddress("s3")
	}
	query, err := url.ParseQuery(u.RawQuery)
	switch {
	case err != nil || u.Fragment != "":
		return address{}, badAddress("s3")
	case u.User != nil:
		return address{}, badAddress("keys")
	case !bucketName(u.Host):
		return address{}, badAddress("bucket", "bucket", u.Host)
	case u.Path != "" && u.Path != "/":
		return address{}, badAddress("path", "prefix", strings.Trim(u.Path, "/")+"/")
	}
	a := address{bucket: u.Host, rest: url.Values{}}
	styled := false
	for name, values := range query {
		value := values[0]
		switch name {
		case "endpoint":
			e, err := url.Parse(value)
			if err != nil || (e.Scheme != "http" && e.Scheme != "https") || e.Host == "" || e.User != nil || e.RawQuery != "" {
				return address{}, badAddress("endpoint")
			}
			a.endpoint = value
			a.rest.Set(name, value)
		case "prefix":
			if checkKey(strings.TrimSuffix(value, "/")) != nil {
				return address{}, badAddress("prefix")
			}
			a.prefix = strings.TrimSuffix(value, "/") + "/"
		case "use_path_style", "s3ForcePathStyle":
			a.pathStyle, err = strconv.ParseBool(value)
			styled = true
		case "accelerate":
			a.accelerate, err = strconv.ParseBool(value)
		case "disable_https":
			a.plain, err = strconv.ParseBool(value)
		case "ssetype":
			at := slices.IndexFunc(a.sse.Values(), func(known types.ServerSideEncryption) bool { return strings.EqualFold(string(known), value) })
			if at < 0 {
				return address{}, badAddress("option", "option", name)
			}
			a.sse = a.sse.Values()[at]
		case "kmskeyid":
			a.kms = value
		case "anonymous", "dualstack", "fips", "hostname_immutable":
			_, err = strconv.ParseBool(value)
			a.rest.Set(name, value)
		case "region", "profile", "role", "rate_limiter_capacity", "request_checksum_calculation", "response_checksum_validation":
			a.rest.Set(name, value)
		default:
			return address{}, badAddress("unknown", "option", name)
		}
		if err != nil || value == "" || len(values) > 1 {
			return address{}, badAddress("option", "option", name)
		}
	}
	if !styled {
		a.pathStyle = a.bare()
	}
	return a, nil
}

// bare says whether the endpoint is a host that can have no names below it, so
// that the bucket cannot be one of them.
func (a address) bare() bool {
	u, err := url.Parse(a.endpoint)
	if err != nil || a.endpoint == "" {
		return false
	}
	return !strings.Contains(u.Hostname(), ".") || net.ParseIP(u.Hostname()) != nil
}

// bucketName says whether S3 could have a bucket of this name.
func bucketName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789.-"
	return len(name) >= 3 && len(name) <= 63 && strings.Trim(name, allowed) == ""
}

// at says where the bucket is, for people.
func (a address) at() string {
	if a.endpoint == "" {
		return "AWS"
	}
	return a.endpoint
}

// open makes the client and the bucket; it asks nobody but for credentials. wait
// bounds the time between two tries of a request.
func (a address) open(ctx context.Context, wait time.Duration) (*blob.Bucket, error) {
	cfg, err := gcaws.V2ConfigFromURLParams(ctx, a.rest)
	if err != nil {
		return nil, &flows.Error{Class: flows.Invalid, Text: flows.T("storage.url.settings", "why", err.Error()), Err: err}
	}
	if cfg.Region == "" {
		if a.endpoint == "" && cfg.BaseEndpoint == nil {
			return nil, badAddress("region")
		}
		cfg.Region = s3Region
	}
	if cfg.Credentials == nil {
		return nil, badAddress("no_key")
	}
	if !aws.IsCredentialsProvider(cfg.Credentials, aws.AnonymousCredentials{}) {
		if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
			return nil, &flows.Error{Class: flows.Invalid, Text: flows.T("storage.url.no_key"), Err: fmt.Errorf("S3 access key: %w", err)}
		}
	}
	cfg.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(patient)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle, o.UseAccelerate, o.EndpointOptions.DisableHTTPS = a.pathStyle, a.accelerate, a.plain
		o.Logger = logging.Nop{} // what it says that matters also comes back as an error
		o.Retryer = retry.AddWithMaxAttempts(retry.AddWithMaxBackoffDelay(cfg.Retryer(), wait), s3Attempts)
	})
	bucket, err := s3blob.OpenBucket(ctx, client, a.bucket, &s3blob.Options{
		EncryptionType: a.sse, KMSEncryptionID: a.kms, RequestChecksumCalculation: cfg.RequestChecksumCalculation,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket: %w", err)
	}
	if a.prefix != "" {
		bucket = blob.PrefixedBucket(bucket, a.prefix)
	}
	return bucket, nil
}
