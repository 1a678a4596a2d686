# The two commands of the README are "make demo" and "make test".

GO      ?= go
PREFIX  ?= /usr/local
DESTDIR ?=
SYSTEMD ?= /usr/lib/systemd
TOOLS   := $(CURDIR)/.tools
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 60s

RELEASE_TOOLS := $(TOOLS)/goreleaser $(TOOLS)/cyclonedx-gomod

# Tests whose peers are Go modules that the program itself has no need of.
MODULES := dashboards exporter/otlp/e2e packaging/helm

.PHONY: build build-libusb man staging release-check release-snapshot demo observe portable test test-vm test-install race lint fuzz bench install install-hook clean

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "$(LDFLAGS)" -o bin/wattnut ./cmd/wattnut

# With libusb, which needs a C compiler and libusb-1.0-0-dev: other USB devices than
# HID ones, and HID ones on other systems than Linux.
build-libusb:
	CGO_ENABLED=1 $(GO) build -tags libusb -trimpath -ldflags "$(LDFLAGS)" -o bin/wattnut ./cmd/wattnut

demo: build
	@exec bin/wattnut demo

# Man pages and completions, made of the same tables as the programs' options.
man: build
	rm -rf build/man build/completions
	mkdir -p build/completions
	bin/wattnut man --dir build/man
	set -e; for shell in bash fish zsh; do bin/wattnut completion $$shell >build/completions/wattnut.$$shell; done

# What goreleaser.yaml packs beside the binary.
staging: man
	packaging/staging $(VERSION) $(EPOCH)

# The demo with Prometheus and Alertmanager beside it; see docs/alerting.md.
observe: build
	@.ci/peers --install
	@exec alerts/observe bin/wattnut

# Tests beside real programs go by real clocks, and a machine may be busy: what
# fails is tried again, twice at most, and told in the summary.
TESTSUM := $(TOOLS)/gotestsum --format pkgname --format-hide-empty-pkg --rerun-fails=2 --rerun-fails-max-failures=12

# What the tests want from the distribution is installed first; where that
# cannot be, the tests that need it say so and are left out.
test: $(TOOLS)/gotestsum
	@.ci/peers --install
	@. .ci/peers; $(TESTSUM) --packages=./... -- -timeout 20m
	@if pkg-config --exists libusb-1.0 2>/dev/null; then $(TESTSUM) --packages=./drivers/... -- -tags libusb -timeout 20m; \
		else echo "make test: no libusb-1.0-0-dev; left out are the tests of what is built with libusb" >&2; fi
	@. .ci/peers; $(foreach module,$(MODULES),(cd $(module) && $(TESTSUM) --packages=./... -- -timeout 20m) &&) true

# What only a machine of one's own can show, in qemu: it powers off, devices come
# and go. Not a part of "make test", and without need of KVM; see docs/testing.md.
test-vm: $(TOOLS)/gotestsum
	@.ci/vm $(TOOLS)/vm
	@WATTNUT_VM=$(TOOLS)/vm $(TOOLS)/gotestsum --format testname -- -count=1 -p 1 -timeout 30m -run '^TestVM' \
		$$(grep -rl --include='*_test.go' 'wattnut/internal/vm"' . | xargs -n1 dirname | sort -u)

# The Debian packages in a fresh Debian, booted in qemu; see docs/testing.md. Two
# versions are built, for an upgrade.
test-install: $(TOOLS)/gotestsum
	rm -rf build/install
	for n in 1 2; do $(MAKE) --no-print-directory release-snapshot TARGET=amd64 SNAPSHOT=0.0.0-test$$n && \
		mkdir -p build/install/$$n && cp dist/*.deb build/install/$$n/ || exit; done
	@.ci/vm $(TOOLS)/vm
	@.ci/debian $(TOOLS)/debian
	@WATTNUT_VM=$(TOOLS)/vm WATTNUT_DEBIAN=$(TOOLS)/debian/disk.img WATTNUT_DEBS=$(CURDIR)/build/install \
		$(TOOLS)/gotestsum --format testname -- -count=1 -timeout 30m -run '^TestInstall' ./packaging

# All but the packages that run the finished binary, which is built without the
# detector.
race: $(TOOLS)/gotestsum
	@. .ci/peers; $(TESTSUM) --packages="$$($(GO) list ./... | grep -v -e /internal/interop -e /internal/sidebyside)" -- -race -timeout 20m

lint: $(TOOLS)/golangci-lint
	$(GO) vet ./...
	$(TOOLS)/golangci-lint run ./...
	$(foreach module,$(MODULES),(cd $(module) && $(GO) vet ./... && $(TOOLS)/golangci-lint run --config $(CURDIR)/.golangci.yml ./...) &&) true

# That it is sound where it cannot be run here; the tests are for unix.
portable:
	GOARCH=386 CGO_ENABLED=0 $(GO) vet ./...
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 $(GO) vet ./...
	GOOS=freebsd CGO_ENABLED=0 $(GO) vet ./...
	GOOS=windows CGO_ENABLED=0 $(GO) build ./...

# Each fuzz target in turn.
fuzz:
	@.ci/fuzz $(FUZZTIME)

# Our server beside the distribution's, in one run; see docs/performance.md.
bench: build
	@.ci/bench

# The binary, and a link for each program of NUT that it can be called as. The
# links are relative: they hold wherever the whole is moved. Where it is the
# system's, the hook goes with it.
install: build $(if $(filter /usr,$(PREFIX)),install-hook)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/lib/nut
	install -m 755 bin/wattnut $(DESTDIR)$(PREFIX)/bin/wattnut
	@set -e; for link in $$(bin/wattnut version --links); do \
		up=$$(dirname $$link | sed 's,[^/]*,..,g'); \
		ln -sfn $$up/bin/wattnut $(DESTDIR)$(PREFIX)/$$link; echo "$(PREFIX)/$$link"; done

# What has the UPS cut the power as the last thing of a shutdown for want of it;
# see docs/shutdown.md.
install-hook:
	install -d $(DESTDIR)$(SYSTEMD)/system-shutdown
	install -m 755 packaging/systemd/system-shutdown/wattnut $(DESTDIR)$(SYSTEMD)/system-shutdown/wattnut
	@echo "$(SYSTEMD)/system-shutdown/wattnut"

# Everything of a release that can be made here, and published nowhere. TARGET=amd64
# makes only what needs no other C compiler than this machine's. The time of all
# that is packed is that of the commit.
EPOCH    ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
SNAPSHOT ?= 0.0.0-git$(EPOCH)
release-snapshot: $(RELEASE_TOOLS)
	@mkdir -p build
	sed '/# not with TARGET=$(or $(TARGET),nothing) {/,/# }/d' goreleaser.yaml >build/goreleaser.yaml
	EPOCH=$(EPOCH) SNAPSHOT=$(SNAPSHOT) DATE=$$(date -u -d @$(EPOCH) +%Y-%m-%dT%H:%M:%SZ) \
		$(TOOLS)/goreleaser release --snapshot --clean --skip=docker -f build/goreleaser.yaml

release-check: $(RELEASE_TOOLS)
	$(TOOLS)/goreleaser check

clean:
	rm -rf bin build .tools dist

$(TOOLS)/gotestsum $(TOOLS)/golangci-lint: .ci/tools/go.mod
	@mkdir -p $(TOOLS)
	cd .ci/tools && GOBIN=$(TOOLS) $(GO) install $(if $(findstring lint,$@),github.com/golangci/golangci-lint/v2/cmd/golangci-lint,gotest.tools/gotestsum)
	@touch $@

$(RELEASE_TOOLS): .ci/release/go.mod
	@mkdir -p $(TOOLS)
	cd .ci/release && GOBIN=$(TOOLS) $(GO) install $(if $(findstring cyclonedx,$@),github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod,github.com/goreleaser/goreleaser/v2)
	@touch $@
