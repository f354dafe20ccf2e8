// Package telegramtest is a Telegram Bot API server for tests that refuses what
// Telegram refuses, in Telegram's words, and can be told to fail; it knows
// nothing of the bot under test and leaves all judgement to the test.
//
// Where the documentation is stricter than the real server, or a mistake would
// pass silently there (unknown parameters, thumbnails that are not used), the
// documentation wins: the call is refused.
package telegramtest
