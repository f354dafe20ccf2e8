// Package bot speaks Telegram: it turns updates into events, screens into
// messages, and moves files in and out at Telegram's pace. What to say is
// decided in flows.
package bot
