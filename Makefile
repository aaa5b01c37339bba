# The set-up of a fresh Debian 12 with Swift 6.3, and the project's commands.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
RECUR := .build/release/recur
PREFIX ?= /usr/local
RECUR_DATA_DIR ?= $(realpath ../shared/data)
export RECUR_DATA_DIR
# Without information for debuggers, and without a second pass over the modules that are not optimized: a fifth of the build.
TESTS := -c release -Xswiftc -enable-testing -debug-info-format none -Xswiftc -no-emit-module-separately-wmo \
  --scratch-path .build-test

# $(call install-missing,FILE:PACKAGE …): installs the packages whose file is not there.
define install-missing
@missing=""; \
for pair in $(1); do [ -e "$${pair%%:*}" ] || missing="$$missing $${pair##*:}"; done; \
if [ -n "$$missing" ]; then \
  echo "Installing$$missing"; \
  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
fi
endef

# $(call install-completion,SHELL,FILE)
define install-completion
$(RECUR) --generate-completion-script $(1) >.build/completion && \
  $(SUDO) install -D -m 644 .build/completion $(DESTDIR)$(PREFIX)/$(2)
endef

.PHONY: build demo test test-all quick build-tests backend-tests variant-tests other-tests website simulated-tests kernels \
  loop-tests gpu-compile gpu-quick docs options faults fuzz sanitize asan tsan ubsan kills bench format lint install \
  build-tools test-tools

build: build-tools
	swift build -c release --static-swift-stdlib --product recur

demo: build
	$(RECUR) demo

# Everything that is tested, its parts beside each other. `make test-all` tries all variants of kernels, optimized;
# `make quick` is for while one works: no OpenCL, and a few of the cases that are many.
test: build-tools test-tools
	@$(MAKE) --no-print-directory -j lint kernels ubsan backend-tests variant-tests other-tests website simulated-tests \
	  gpu-quick loop-tests
	@Tests/slowest.sh .build-test/backend.log .build-test/variants.log .build-test/others.log

test-all: export RECUR_TESTS = all
test-all: test

quick: build-tests
	@RECUR_TESTS=quick RECUR_TEST_EVERY=25 Tests/run.sh quick --filter '$(QUICK)' --skip '$(VARIANTS)|KnownAnswersTests|OpenCLTests|DevicesExample'

QUICK := KernelTests|BackendTests|DataTests|RecurrentTests|TrainTextTests|ResumeTests|InspectTests|BadConfigurationTests|ColumnsTests
VARIANTS := BackendTests\.(Persistent|Tuning|WarpProducts|Precision)Tests

# This product: `--build-tests` builds what packages that Recur depends on have for themselves, too.
build-tests: build-tools
	swift build $(TESTS) --product recurPackageTests
	swift build $(TESTS) --product gpu-programs

backend-tests: build-tests
	@Tests/run.sh backend --filter BackendTests --skip '$(VARIANTS)'

# Many kernels, each of which computes little: PoCL compiles them in a quarter of the time if it does not optimize them.
UNOPTIMIZED := $(CURDIR)/.build-test/unoptimized
variant-tests: build-tests
	@mkdir -p $(UNOPTIMIZED)/pocl
	@$(if $(filter all,$(RECUR_TESTS)),,POCL_EXTRA_BUILD_FLAGS=-cl-opt-disable \
	  POCL_CACHE_DIR=$(UNOPTIMIZED)/pocl RECUR_CACHE_DIR=$(UNOPTIMIZED)/recur) Tests/run.sh variants --filter '$(VARIANTS)'

other-tests: build-tests
	@Tests/run.sh others --skip BackendTests

website: build-tests
	docs/website.sh .build-test .build-test/docs
	docs/examples.sh .build-test

# Takes the time that the others leave.
simulated-tests: build-tests
	nice Tests/BackendTests/oclgrind.sh .build-test/release/recur

# The kernels of GPUs, which have barriers, with PoCL's other way to run a work-group: loops that LLVM does not vectorize. (The
# tests of variants, not optimized, have it anyway. PoCL 3.1 makes the same code of cbs, workitem and loops; workitemrepl writes out
# all work-items, which does not end with 256 of them.)
loop-tests: build-tests
	@$(if $(filter all,$(RECUR_TESTS)),mkdir -p .build-test/loops/pocl && POCL_CACHE_DIR=$(CURDIR)/.build-test/loops/pocl \
	  RECUR_CACHE_DIR=$(CURDIR)/.build-test/loops/recur RECUR_OPENCL_STYLE=simt POCL_WORK_GROUP_METHOD=loops \
	  nice .build-test/release/recur check --device opencl --quick)

kernels:
	Tests/KernelTests/portable/run.sh

# All kernels, by the compilers of AMD's, Intel's and NVIDIA's GPUs; takes six minutes of CPU. GPU_OPTIONS: `compile.py --help`.
gpu-compile: build-tools test-tools
	swift build $(TESTS) --product gpu-programs
	Tests/KernelTests/gpu/compile.py .build-test/release/gpu-programs $(GPU_OPTIONS)

# What an untuned GPU launches first, for one GPU of each maker.
gpu-quick: build-tests test-tools
	nice Tests/KernelTests/gpu/compile.py .build-test/release/gpu-programs --quick

# The library's documentation, a website: `python3 -m http.server -d .build/docs` shows it, at /documentation/recurrent.
docs: build-tools
	swift build -c release --static-swift-stdlib --target Recurrent
	docs/website.sh .build .build/docs

# The tables of options in docs/cli.md, from their declarations.
options: build-tests
	RECUR_WRITE_DOCS=1 swift test $(TESTS) --skip-build --filter OptionTablesTests

# So many kills of runs on each backend, at random instants, for docs/reliability-tests.md. 500 take half an hour.
KILLS ?= 500
kills: build-tools test-tools
	RECUR_KILLS=$(KILLS) swift test $(TESTS) --no-parallel \
	  --filter KillTests

# The whole of it takes an hour and more; docs/reliability-tests.md says what it covers.
sanitize: ubsan asan tsan

ubsan:
	Tests/KernelTests/portable/sanitized.sh

asan: build-tools test-tools
	Tests/Sanitizers/run.sh address

tsan: build-tools test-tools
	Tests/Sanitizers/run.sh thread

# Every fault of OpenCL, and every kernel with a wrong number, for docs/reliability-tests.md. Takes about ten minutes.
faults: build-tools test-tools
	RECUR_FAULTS=all swift test $(TESTS) --no-parallel \
	  --filter 'FaultMatrixTests|WrongNumbersTests'

# Every reader of files, for SECONDS each or with RUNS inputs each; TARGETS are the folders of Tests/Fuzz/Seeds.
SECONDS ?= 60
fuzz: build-tools
	Tests/Fuzz/fuzz.sh $(if $(RUNS),runs $(RUNS),seconds $(SECONDS)) $(TARGETS)

bench: build
	$(RECUR) bench --device all

format:
	swift format -i -r Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict -r Sources Tests Benchmarks Package.swift

install: build
	$(SUDO) install -D -s -m 755 $(RECUR) $(DESTDIR)$(PREFIX)/bin/recur
	$(call install-completion,bash,share/bash-completion/completions/recur)
	$(call install-completion,zsh,share/zsh/site-functions/_recur)
	$(call install-completion,fish,share/fish/vendor_completions.d/recur.fish)

# Where Python and its pip are, be they Debian's or not.
PYTHON = $(or $(shell command -v python3 2>/dev/null),/usr/bin/python3)
PIP = $(or $(shell python3 -c 'import pip; print(pip.__file__)' 2>/dev/null),/usr/bin/pip3)

build-tools:
	$(call install-missing,/usr/include/CL/cl.h:opencl-headers)

# PoCL is an OpenCL device on the processor, Oclgrind a simulator that finds races, QEMU runs the kernels as other processors;
# Python's pip downloads a compiler of GPUs.
test-tools:
	$(call install-missing,$(PYTHON):python3 $(PIP):python3-pip \
	  /etc/OpenCL/vendors/pocl.icd:pocl-opencl-icd /usr/bin/oclgrind:oclgrind \
	  /usr/bin/qemu-aarch64:qemu-user /usr/bin/aarch64-linux-gnu-ld:binutils-aarch64-linux-gnu \
	  /usr/bin/aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu /usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross)
