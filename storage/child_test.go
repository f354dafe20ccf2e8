package storage_test

// child does what a test asks of a second process; see private_test.go.
func child() bool { return false }
