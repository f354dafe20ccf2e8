package storagetest_test

import (
	"clipcase/bot"
	"clipcase/flows"
	"clipcase/jobs"
	"clipcase/storage"
	"clipcase/web/casepage"
	"clipcase/web/entry"
	"clipcase/web/upload"
	"clipcase/web/wizard"
)

// What storage gives is what its users ask for.
var (
	_ flows.Store   = (*storage.Cases)(nil)
	_ flows.Gate    = (*storage.Gate)(nil)
	_ jobs.Cases    = (*storage.Cases)(nil)
	_ jobs.Outbox   = (*storage.Outbox)(nil)
	_ jobs.Blobs    = (*storage.Blobs)(nil)
	_ jobs.Progress = (*storage.Progress)(nil)
	_ bot.Mailbox   = (*storage.Mailbox)(nil)
	_ bot.Ledger    = (*storage.Ledger)(nil)
	_ bot.Notes     = (*storage.Notes)(nil)
	_ bot.Watch     = (*storage.Progress)(nil)
	_ bot.Files     = (*storage.Blobs)(nil)

	_ entry.Doors    = (*storage.Doors)(nil)
	_ upload.Doors   = (*storage.Doors)(nil)
	_ upload.Disk    = (*storage.Blobs)(nil)
	_ casepage.Doors = (*storage.Doors)(nil)
	_ casepage.Files = (*storage.Blobs)(nil)
	_ wizard.Doors   = (*storage.Doors)(nil)
	_ wizard.Uploads = (*storage.Doors)(nil)
	_ wizard.Notices = (*storage.Doors)(nil)
	_ wizard.Watch   = (*storage.Progress)(nil)
)
