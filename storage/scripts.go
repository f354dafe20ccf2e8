package storage

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

//go:embed scripts/commit.lua
var commitSource string

//go:embed scripts/forget.lua
var forgetSource string

//go:embed scripts/pull.lua
var pullSource string

//go:embed scripts/drop.lua
var dropSource string

//go:embed scripts/take.lua
var takeSource string

//go:embed scripts/begin.lua
var beginSource string

//go:embed scripts/extend.lua
var extendSource string

//go:embed scripts/free.lua
var freeSource string

//go:embed scripts/sent.lua
var sentSource string

//go:embed scripts/later.lua
var laterSource string

//go:embed scripts/ledger.lua
var ledgerSource string

//go:embed scripts/redeem.lua
var redeemSource string

//go:embed scripts/ban.lua
var banSource string

//go:embed scripts/claim.lua
var claimSource string

//go:embed scripts/raise.lua
var raiseSource string

//go:embed scripts/snapshot.lua
var snapshotSource string

var (
	commitScript = redis.NewScript(commitSource)
	forgetScript = redis.NewScript(forgetSource)
	pullScript   = redis.NewScript(pullSource)
	dropScript   = redis.NewScript(dropSource)
	takeScript   = redis.NewScript(takeSource)
	beginScript  = redis.NewScript(beginSource)
	extendScript = redis.NewScript(extendSource)
	freeScript   = redis.NewScript(freeSource)
	sentScript   = redis.NewScript(sentSource)
	banScript    = redis.NewScript(banSource)
	laterScript  = redis.NewScript(laterSource)
	ledgerScript = redis.NewScript(ledgerSource)
	redeemScript = redis.NewScript(redeemSource)
	claimScript  = redis.NewScript(claimSource)
	raiseScript  = redis.NewScript(raiseSource)

	snapshotScript = redis.NewScript(snapshotSource)
)
