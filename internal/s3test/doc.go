// Package s3test runs a real S3 server (versitygw) for tests, and a proxy before
// it that fails as networks do; what is kept there is left to the tests.
package s3test
