.DEFAULT_GOAL := help
# One build at a time: the targets share the build directory.
.NOTPARALLEL:
.PHONY: help run test build check lint counts bench fleet overload proxies fuzz leaks soak image openapi docs deps clean

# As in docker/Dockerfile: the Swift runtime goes into the executable, its symbols do not; and what one module calls in
# another is optimised as if both were one, which saves a heartbeat a sixteenth of its instructions.
RELEASE := swift build --configuration release --static-swift-stdlib --experimental-lto-mode=full -Xswiftc -use-ld=lld \
	-Xlinker -z -Xlinker pack-relative-relocs -Xlinker --no-export-dynamic -Xlinker -s
SCRIPTS := .ci/bootstrap .ci/demo .ci/run .ci/test docker/reproducible docker/sbom docker/slim
VENV := .venv/.complete
BENCH := python3 -B .ci/bench .build/release

help: ## what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 18

run: ## see a heartbeat relayed, answered and audited; Ctrl-C ends it
	@.ci/bootstrap run
	@swift build --product heartbeat-facade
	@swift build --product swf-simulator
	@.ci/demo .build/debug

test: $(VENV) ## all tests
	@.ci/bootstrap test
	@.ci/test

build: ## debug build; warnings are errors
	@.ci/bootstrap build
	swift build

check: lint build test counts ## all that must hold before a change goes in

lint: $(VENV) ## format, scripts, the OpenAPI document
	@.ci/bootstrap lint
	swift format lint --strict --parallel --recursive Package.swift Sources Tests
	shellcheck $(SCRIPTS)
	.venv/bin/hadolint docker/Dockerfile
	.venv/bin/python openapi/lint.py

counts: ## allocations and system calls a heartbeat, which have limits; of the release build
	@.ci/bootstrap run bench
	@$(RELEASE) --product heartbeat-facade
	@$(BENCH) counts

bench: $(VENV) ## the service beside nginx as a plain proxy, and parts of it by themselves: a quarter of an hour
	@.ci/bootstrap run bench
	@$(RELEASE) --product heartbeat-facade
	@$(RELEASE) --product swf-simulator
	@$(RELEASE) --product bench
	@$(BENCH)
	@.build/release/bench
	@.build/release/bench start

fleet: $(VENV) ## 7,000 tasks' heartbeats within SWF's quota, through the service and straight: ten minutes
	@.ci/bootstrap run test
	@$(RELEASE) --product heartbeat-facade
	@$(RELEASE) --product swf-simulator
	@$(RELEASE) --product bench
	@.build/release/bench fleet

overload: $(VENV) ## answers to more callers than the service can serve, five times: three minutes, and two cores
	@.ci/bootstrap run bench
	@$(RELEASE) --product heartbeat-facade
	@$(RELEASE) --product bench
	@.build/release/bench overload --runs 5

proxies: $(VENV) ## 100,000 heartbeats through nginx and HAProxy each, and 20 restarts behind each
	@.ci/bootstrap run test
	@$(RELEASE) --product heartbeat-facade
	@$(RELEASE) --product swf-simulator
	HEARTBEAT_TEST_PRODUCTS=$(CURDIR)/.build/release HEARTBEAT_TEST_PROXY_HEARTBEATS=100000 \
		HEARTBEAT_TEST_PROXY_RESTARTS=20 .ci/test --filter "^ProxyTests"

# Inputs that reach something new are kept in .build/fuzz/found, and one that breaks something, which ends the run: there
# Swift's backtrace would wait for libFuzzer, which waits for it. The compiler heeds only the last -sanitize that it is
# given, and one that leaves the fuzzer out has it see nothing.
FUZZ_SECONDS := 60
FUZZER := .build/fuzz/release/fuzz

fuzz: ## a minute of fuzzing for each target in Tests/Fuzz; FUZZ_SECONDS=N for more
	@.ci/bootstrap build
	@HEARTBEAT_FUZZ=1 swift build --configuration release --scratch-path .build/fuzz --product fuzz \
		--sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer,address
	@for target in $(notdir $(wildcard Tests/Fuzz/corpus/*)); do \
		echo "== $$target"; mkdir -p .build/fuzz/found/$$target; \
		SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$$target $(FUZZER) -max_total_time=$(FUZZ_SECONDS) \
			-max_len=1024 -timeout=10 -print_final_stats=1 -verbosity=0 -artifact_prefix=.build/fuzz/found/$$target. \
			.build/fuzz/found/$$target Tests/Fuzz/corpus/$$target || exit 1; \
	done

soak: $(VENV) ## the faults of Tests/FaultTests in their long form, and a long fleet: millions of heartbeats, an hour
	@.ci/bootstrap run test
	@$(RELEASE) --product heartbeat-facade
	@$(RELEASE) --product swf-simulator
	HEARTBEAT_TEST_PRODUCTS=$(CURDIR)/.build/release HEARTBEAT_TEST_SOAK=1 .ci/test --filter "^FaultTests|7,000 tasks"

leaks: $(VENV) ## 100,000 heartbeats through a service under the address and leak sanitizers
	@.ci/bootstrap build test
	swift build --configuration release --scratch-path .build/asan --sanitize=address --product heartbeat-facade
	HEARTBEAT_TEST_PRODUCTS=$(CURDIR)/.build/asan/release HEARTBEAT_TEST_LEAK_CALLS=100000 \
		.ci/test --filter "ServiceTests.LeakTests"

# The labels are those of the commit, so that the same sources have the same.
IMAGE_BUILD = docker build --file docker/Dockerfile \
	--build-arg REVISION=$(shell git rev-parse HEAD) --build-arg CREATED=$(shell git log -1 --format=%cI)

image: ## the container images heartbeat-facade:latest, :slim (no shell) and swf-simulator:latest
	$(IMAGE_BUILD) --tag heartbeat-facade:latest .
	$(IMAGE_BUILD) --target slim --tag heartbeat-facade:slim .
	$(IMAGE_BUILD) --target swf-simulator --tag swf-simulator:latest .

openapi: $(VENV) ## openapi.json from openapi.yaml
	.venv/bin/python openapi/generate.py

docs: ## the README's tables of settings, errors and metrics, from the code
	@.ci/bootstrap run
	HEARTBEAT_TEST_WRITES_DOCS=1 .ci/test --filter "ServiceTests.TableTests"

deps: $(VENV) ## all that building, running and testing need
	@.ci/bootstrap build run test lint bench

clean: ## what was built or installed in here
	rm -rf .build .venv

# Complete only when the last step is done: a half-made one is made again.
$(VENV): Tests/requirements.txt
	@.ci/bootstrap test
	rm -rf .venv
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement Tests/requirements.txt
	@touch $@
