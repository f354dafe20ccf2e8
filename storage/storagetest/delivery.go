package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

const delivery = "CC0001:douyin-dm:0"

func deliveryChecks() []check {
	return []check{
		{"a ledger goes from new over uncertain twice and no further", func(t *testing.T, f *Fixture) {
			for _, want := range []flows.Mark{flows.MarkNew, flows.MarkUncertain, flows.MarkUncertainTwice, flows.MarkUncertainTwice} {
				require.Equal(t, want, begin(t, f, delivery, "file-1"))
			}
			require.Equal(t, flows.MarkNew, begin(t, f, delivery, "file-2"))
			require.Equal(t, flows.MarkNew, begin(t, f, "CC0001:douyin-dm:1", "file-1"))
			require.Equal(t, flows.MarkNew, begin(t, f, "CC0002:douyin-dm:0", "file-1"))
		}},
		{"what was sent stays sent", func(t *testing.T, f *Fixture) {
			begin(t, f, delivery, "head")
			require.NoError(t, f.Ledger.Sent(t.Context(), delivery, "head", "tg:42:1|007"))
			require.NoError(t, f.Ledger.Unsent(t.Context(), delivery, "head"))
			require.Equal(t, flows.MarkSent, begin(t, f, delivery, "head"))
		}},
		{"unsent takes back one begin", func(t *testing.T, f *Fixture) {
			begin(t, f, delivery, "head")
			require.NoError(t, f.Ledger.Unsent(t.Context(), delivery, "head"))
			require.NoError(t, f.Ledger.Unsent(t.Context(), delivery, "head"))
			require.Equal(t, flows.MarkNew, begin(t, f, delivery, "head"))
			require.Equal(t, flows.MarkUncertain, begin(t, f, delivery, "head"))
			require.NoError(t, f.Ledger.Unsent(t.Context(), delivery, "head"))
			require.Equal(t, flows.MarkUncertain, begin(t, f, delivery, "head"))
		}},
		{"lost answers do not count twice", func(t *testing.T, f *Fixture) {
			f.LoseReply()
			require.Equal(t, flows.MarkNew, begin(t, f, delivery, "head"))
			f.LoseReply()
			require.Equal(t, flows.MarkUncertain, begin(t, f, delivery, "head"))
			f.LoseReply()
			require.NoError(t, f.Ledger.Unsent(t.Context(), delivery, "head"))
			require.Equal(t, flows.MarkUncertain, begin(t, f, delivery, "head"))
			f.LoseReply()
			require.NoError(t, f.Ledger.Sent(t.Context(), delivery, "head", "m"))
			require.Equal(t, flows.MarkSent, begin(t, f, delivery, "head"))
		}},
		{"notes are kept and removed", func(t *testing.T, f *Fixture) {
			note := func() string {
				value, err := f.Notes.Note(t.Context(), "progress:CC0001")
				require.NoError(t, err)
				return value
			}
			require.Empty(t, note())
			require.NoError(t, f.Notes.SetNote(t.Context(), "progress:CC0001", "17", time.Hour))
			require.Equal(t, "17", note())
			require.NoError(t, f.Notes.SetNote(t.Context(), "progress:CC0001", "", 0))
			require.Empty(t, note())
		}},
		{"who watches hears the last word and every new one", watchProgress},
	}
}

func begin(t *testing.T, f *Fixture, ledger, item string) flows.Mark {
	t.Helper()
	mark, err := f.Ledger.Begin(t.Context(), ledger, item)
	require.NoError(t, err)
	return mark
}

func watchProgress(t *testing.T, f *Fixture) {
	type word struct {
		chat string
		work flows.WorkProgress
	}
	early := word{actor, flows.WorkProgress{Case: "CC0001", Step: "render", Percent: 12.5, Left: 120}}
	f.Progress.Publish(t.Context(), actor, flows.WorkProgress{Case: "CC0001", Step: "stage"})
	f.Progress.Publish(t.Context(), early.chat, early.work)

	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan word, 10), make(chan error, 1)
	go func() {
		ended <- f.Progress.Watch(ctx, func(chat string, work flows.WorkProgress) { heard <- word{chat, work} })
	}()
	hear := func() word {
		select {
		case w := <-heard:
			return w
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was heard")
			return word{}
		}
	}
	require.Equal(t, early, hear())
	late := word{"tg:7", flows.WorkProgress{Case: "CC0002", Done: true}}
	f.Progress.Publish(t.Context(), late.chat, late.work)
	require.Equal(t, late, hear())
	cancel()
	require.NoError(t, <-ended)
}
