# What people type. `make help` lists it.

GO        ?= go
BIN       := bin/clipcase
LINT      := bin/golangci-lint
LINT_AT   := v2.15.0
FUZZTIME  ?= 30s
VIDEO     ?=
RECORDING ?=
ROWS      ?=
N         ?= 3
FRESH     ?=
# The long tests, most of them of the pages and of kills: make test leaves out just these, make test-web runs just these.
LONG      := ^Test(Archive|BadPhoneNetwork|BookletsAsOthersReadThem|DeletedIsGoneEverywhere|EveryPageIsForEveryone|FilesAreMadeAgain|FilesIntoThePhone|HostileFiles|InvitationOpensACase|KillBetweenParts|Kills|PageGoesOnAfterReload|PageGoesOnAfterSleep|PageGoesOnAfterTheServer|PagePausesAndRemoves|PageRefusesBeforeSending|PageSaysWhenTheLinkHasExpired|PageSendsAgainWhatWasDamaged|PageThroughAProxyOf100MB|PageThroughNginxAsItIs|PageWithoutScripts|PagesOnS3|RecommendedNginx|ReturnCodeOnAnotherDevice|ShutOutDeletesAll|TenPairsAlign|Times|TwoDaysLater|TwoUploadsAtOnce|UploadThroughDeathsAndACut|WalkByEveryVerb|WalkFilesAreNeverPages|WalkForged|WalkGuesses|WalkOddRequests|WalkSessions|WalkSlow|WalkSmuggled|WalkTellsNothingByTime|WalkWithAnothersNumber|WizardByKeyboard|WizardWithoutScripts)$$
DATA_DIR  ?= data
export DATA_DIR

.DEFAULT_GOAL := help
.PHONY: help deps deps-test pages build run demo test test-web kills times transcripts big screens docs-media lint bench bench-upload bench-zip fuzz clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: ## install what is missing: ffmpeg, redis-server, fonts, …
	@sh scripts/deps.sh

deps-test: ## deps, and what only tests need: Chromium, Node.js, unzip
	@sh scripts/deps.sh test

pages: ## build the scripts of the pages, where there is Node.js
	@sh scripts/pages.sh

build: deps pages ## build bin/clipcase
	$(GO) build -trimpath -o $(BIN) ./cmd/clipcase

run: build ## start clipcase here (TELEGRAM_BOT_TOKEN=… for the bot)
	./$(BIN) serve

demo: build ## make a case from a recording: make demo [VIDEO=my.mp4]
	@GO="$(GO)" sh scripts/demo.sh "$(VIDEO)"

test: deps-test pages ## every test but the long ones, with the race detector
	$(GO) test -race -timeout 30m -parallel 4 -skip '$(LONG)' ./...

test-web: deps-test pages ## the long tests: pages in a browser, a hostile client, a bad network, kills, days later, copies laid beside recordings
	$(GO) test -race -timeout 30m -parallel 4 -run '$(LONG)' ./cmd/clipcase ./internal/uploadtest ./media/ffmpeg

kills: deps ## kill -9 at 30 points: ingest, render, send; make kills [RECORDING=my.mp4]
	CLIPCASE_KILLS=30 CLIPCASE_RECORDING="$(RECORDING)" $(GO) test -count=1 -timeout 60m -run '^TestKills$$' -v ./cmd/clipcase

times: deps ## how long a person waits in the chat: make times [RECORDING=my.mp4], else the demo's
	CLIPCASE_RECORDING="$(or $(RECORDING),demo/recording.mp4)" $(GO) test -count=1 -timeout 30m -run '^TestTimes$$' -v ./cmd/clipcase

transcripts: deps ## write the two whole conversations in docs/transcripts anew
	CLIPCASE_TRANSCRIPTS="$(CURDIR)/docs/transcripts" $(GO) test -count=1 -run '^TestTranscripts$$' ./cmd/clipcase

big: deps-test pages ## upload 2 GB from a browser through two kill -9 and a broken network
	CLIPCASE_BIG=2GB $(GO) test -count=1 -timeout 60m -run '^TestUploadThroughDeathsAndACut$$' -v ./cmd/clipcase

screens: deps-test pages ## a picture of every page, both languages, phone and desktop, in build/screens
	CLIPCASE_SCREENS="$(CURDIR)/build/screens" $(GO) test -tags screens -count=1 -timeout 30m -run '^(TestScreens|TestEveryPageIsForEveryone)$$' ./cmd/clipcase

docs-media: build ## draw the picture of pieces in docs/media anew, from the demo's recording
	@GO="$(GO)" sh scripts/docs-media.sh

lint: $(LINT) ## gofmt, go vet and golangci-lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "not gofmt'ed"; exit 1; }
	$(GO) vet ./...
	$(LINT) run ./...

$(LINT):
	GOBIN="$(CURDIR)/bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_AT)

bench: build ## clipcase against work by hand and HandBrake: make bench [ROWS=dm,generic] [N=3] [FRESH=1]; stopped, it goes on
	@GO="$(GO)" sh scripts/deps.sh bench
	@$(GO) run ./bench -rows "$(ROWS)" -n $(N) $(if $(FRESH),-fresh) $(if $(VIDEO),-video "$(VIDEO)")

bench-upload: ## uploads side by side with a bare tusd
	@$(GO) run ./bench/upload

bench-zip: deps-test ## download a case of 3 GB as one archive: memory, first byte, stalled clients
	@GO="$(GO)" sh bench/zip.sh

fuzz: deps ## each fuzz test for FUZZTIME (30s), what strangers reach first for FUZZLONG
	@GO="$(GO)" FUZZTIME="$(FUZZTIME)" FUZZLONG="$(or $(FUZZLONG),$(FUZZTIME))" sh scripts/fuzz.sh

clean: ## remove what was built, the demo's case and pictures
	rm -rf bin demo build
