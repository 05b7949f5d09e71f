# Gradus: what can be made. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help demo test test-arm64 tools prove kill mutants race bench bench-shares bench-peers cross lint vulkan trajectory assembly subset schemas onnx-table

GO ?= go
export CGO_ENABLED ?= 0
# Mesa complains about its absence, at every start
export XDG_RUNTIME_DIR ?= /tmp

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## */  make \1\t/' | expand -t 20

demo: ## train the seed network on Fashion-MNIST, on the best device present
	$(GO) run ./examples/fashion

test: vulkan ## test everything, on every backend that this machine has
	@$(GO) run ./internal/devices
	$(GO) vet ./...
	@$(GO) run ./internal/gotest ./...
	@scripts/arm64.sh 'Chains|Wide|Sgemm|SameBits|Turn|NaNStays|Unfolding'
	@$(GO) run ./internal/devices

kill: vulkan ## kill a training 50 times at random moments, and see that it ends as one that was not
	GRADUS_KILLS=50 $(GO) test -count 1 -run TestKilledAndStartedAgain -v ./engine

tools: ## install what the tests use, as far as it is missing: drivers, compilers, checkers (apt, npm)
	@scripts/tools.sh

prove: tools ## the cases of all kernels on every execution that there is, and docs/proof.md (at most half an hour on two cores)
	GRADUS_PROOF=$(CURDIR)/docs/proof.md $(GO) test -count=1 -timeout 90m -v -run TestProof ./internal/proof

test-arm64: ## all tests of the CPU backend on arm64, under qemu (Debian's qemu-user-static; five minutes), but those of speed
	@scripts/arm64.sh

mutants: vulkan ## apply small faults to the kernels and see whether the tests find them (half an hour)
	$(GO) run ./internal/mutants

.PHONY: fuzz
fuzz: ## fuzz every parser and the rules of every operation, ten minutes each, one after the other
	scripts/fuzz.sh

.PHONY: long
long: vulkan ## train 20,000 steps on every device and see that memory stays (a quarter of an hour)
	GRADUS_LONG_RUN=20000 $(GO) test -count=1 -v -timeout 120m -run TestLongRun ./engine

race: vulkan ## the tests under the race detector (needs a C compiler; half an hour)
	CGO_ENABLED=1 $(GO) test -race -count=1 -timeout 60m ./...

bench: vulkan ## a table of products, training steps, inference, dispatch and memory on every device, as shares of the machine
	@$(GO) test -run '^$$' -bench 'MatMul|Step|Adam|Predict|Dispatch|Memory' -benchtime 0.3s -timeout 30m ./bench | $(GO) run ./internal/benchtable

bench-shares: ## what each operation of a training step takes on one thread
	$(GO) test -run '^$$' -bench Shares -benchtime 1x ./bench

bench-peers: ## Gradus beside PyTorch, OpenBLAS and TensorFlow.js, in turns, with ratios (installs them on Debian, as root)
	bench/peers/compare.sh

cross: ## build for every platform
	@scripts/cross.sh

lint: ## formatting and vet
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) vet ./...

onnx-table: ## export a network of every layer and activation and print how far onnxruntime is from Predict (needs make tools)
	@$(GO) test -count=1 -v -run TestOnnxruntime ./engine/onnx -table

schemas: ## write the Go types of ONNX and of event files anew (needs Debian's protobuf-compiler and python3-onnx)
	scripts/schemas.sh

vulkan: # on Linux, see to it that there is a Vulkan driver to test with
	@scripts/vulkan.sh

trajectory: ## compute the reference trajectories anew (needs Debian's python3-torch)
	/usr/bin/python3 engine/testdata/trajectory.py > engine/testdata/trajectory.json
	/usr/bin/python3 engine/testdata/optimizers.py > engine/testdata/optimizers.json
	/usr/bin/python3 engine/testdata/variables.py > engine/testdata/variables.json

assembly: ## write the assembly of the CPU backend anew
	$(GO) run ./internal/sgemmgen -out cpu
	$(GO) run ./internal/vectorgen -out cpu

subset: ## draw the embedded part of Fashion-MNIST anew (needs Debian's dataset-fashion-mnist)
	$(GO) run ./internal/fashionsubset -data /usr/share/datasets/fashion-mnist -out engine/data/fashion/subset
