# The set-up of a fresh Debian 12 with Swift 6.3, and the project's commands.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
SWIFT_BUILD := swift build -c release --static-swift-stdlib
SWIFT_TEST := swift test -c release -Xswiftc -enable-testing --scratch-path .build-test
RECUR := .build/release/recur
PREFIX ?= /usr/local
RECUR_DATA_DIR ?= $(realpath ../shared/data)
export RECUR_DATA_DIR

# $(call packages,FILE-THAT-SHOWS-IT:PACKAGE …): installs the packages whose file is missing.
packages = @missing=""; for pair in $(1); do [ -e "$${pair%%:*}" ] || missing="$$missing $${pair\#\#*:}"; done; \
	if [ -n "$$missing" ]; then \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; fi

.PHONY: build demo test bench format lint install headers drivers

build: headers
	$(SWIFT_BUILD) --product recur

demo: build
	$(RECUR) demo

test: headers drivers lint
	$(SWIFT_TEST)

bench: build
	$(RECUR) bench

format:
	swift format -i -r Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict -r Sources Tests Benchmarks Package.swift

install: build
	$(SUDO) install -D -s -m 755 $(RECUR) $(DESTDIR)$(PREFIX)/bin/recur

headers:
	$(call packages,/usr/include/CL/cl.h:opencl-headers)

drivers:
	$(call packages,/etc/OpenCL/vendors/pocl.icd:pocl-opencl-icd /usr/bin/oclgrind:oclgrind \
	  /usr/lib/x86_64-linux-gnu/libOpenCL.so.1:ocl-icd-libopencl1)
