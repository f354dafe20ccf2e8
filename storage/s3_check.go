package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"clipcase/flows"
)

// checkTime bounds how long it takes to find out that a server does not answer.
const checkTime = 20 * time.Second

// check writes a blob, reads it and deletes it again, so that what is wrong with
// the bucket or the key is known at the start and not when evidence comes. Its
// error is of class Invalid for what the operator must mend, else Unavailable.
func (s *bucketStore) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	f, err := s.transit.grow()
	if err != nil {
		return err
	}
	key := incoming + "/check-" + filepath.Base(f.Name())
	err = s.tryAll(ctx, key)
	if dropped := s.transit.drop(f); err == nil || dropped != nil {
		return errors.Join(err, dropped)
	}
	text, mend := s.explain(err)
	class := flows.Unavailable
	if mend {
		class = flows.Invalid
	}
	return &flows.Error{Class: class, Text: text, Err: err}
}

func (s *bucketStore) tryAll(ctx context.Context, key string) error {
	const content = "clipcase looks whether it can write here"
	list := s.bucket.List(&blob.ListOptions{Prefix: key})
	if _, err := list.Next(ctx); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("list: %w", err)
	}
	if err := s.bucket.WriteAll(ctx, key, []byte(content), &blob.WriterOptions{ContentType: "text/plain"}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	got, err := s.bucket.ReadAll(ctx, key)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if string(got) != content {
		return errors.New("read: not what was written")
	}
	if err := s.bucket.Delete(ctx, key); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// explain says in the catalogue's words what an answer of the server, or that
// there was none, means; mend = only the operator can help.
func (s *bucketStore) explain(err error) (text flows.Text, mend bool) {
	at := []any{"bucket", s.address.bucket, "server", s.address.at()}
	var known smithy.APIError
	code := ""
	if errors.As(err, &known) {
		code = known.ErrorCode()
	}
	status := 0
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	switch {
	case code == "NoSuchBucket", code == "InvalidBucketName":
		return flows.T("storage.s3.bucket", at...), true
	case strings.HasPrefix(code, "RequestTimeTooSkewed"):
		return flows.T("storage.s3.clock", at...), true
	case code == "InvalidAccessKeyId", code == "SignatureDoesNotMatch", code == "InvalidToken", code == "ExpiredToken", code == "NotSignedUp", code == "XAdminUserNotFound", status == 401:
		return flows.T("storage.s3.key", at...), true
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed", code == "IllegalLocationConstraintException", status == 301:
		return flows.T("storage.s3.region", at...), true
	case status == 403:
		return flows.T("storage.s3.right", at...), true
	default:
		return flows.T("storage.s3.reach", at...), false
	}
}

// sort makes an answer that is about the bucket or the key, not about the blob
// asked for, an error of class Unavailable: it passes when the operator mends it.
func (s *bucketStore) sort(err error) error {
	if err == nil || gcerrors.Code(err) == gcerrors.Canceled {
		return err
	}
	if _, mend := s.explain(err); !mend {
		return err
	}
	return &flows.Error{Class: flows.Unavailable, Text: flows.T("storage.unavailable"), Err: err}
}

// otherBytes says whether the SDK found that what came is not what the server
// says it holds; it has no type for that.
func otherBytes(err error) bool {
	return err != nil && strings.Contains(err.Error(), "checksum did not match")
}

// isAbsent says whether the server answered that there is no such blob.
func isAbsent(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

// beyond says whether the server answered that the blob ends before the part
// asked for.
func beyond(err error) bool {
	var known smithy.APIError
	return errors.As(err, &known) && known.ErrorCode() == "InvalidRange"
}
