// Package jobs moves a case through ingest, process and delivery: it relays the
// outbox to asynq, which only wakes workers; the case in storage is the truth.
// It leaves media to flows/prepare and talking to people to the Courier.
package jobs
