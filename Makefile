# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# vgic-tools. `make help` lists the targets.

VERSION := 0.1.0

HOST_ARCH := $(shell uname -m | sed 's/aarch64/arm64/')
ARCH ?= $(HOST_ARCH)
BUILD ?= build/$(ARCH)
PREFIX ?= /usr/local
sbindir ?= $(PREFIX)/sbin
docdir ?= $(PREFIX)/share/doc/vgic-tools
DESTDIR ?=

ifeq ($(filter $(ARCH),arm64 x86_64),)
$(error ARCH=$(ARCH): arm64 and x86_64 are the architectures known here)
endif

# A cross build takes its compiler and libraries from Debian's multiarch packages (scripts/setup).
TRIPLET := $(if $(filter arm64,$(ARCH)),aarch64,x86_64)-linux-gnu
ifneq ($(ARCH),$(HOST_ARCH))
CROSS_COMPILE ?= $(TRIPLET)-
PKG_CONFIG_LIBDIR ?= /usr/lib/$(TRIPLET)/pkgconfig:/usr/share/pkgconfig
export PKG_CONFIG_LIBDIR
endif

ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL ?= $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool || echo bpftool)
PKG_CONFIG ?= pkg-config

V ?= 0
ifeq ($(V),0)
Q := @
endif
# Silent where make is (-s).
ifeq ($(V)$(findstring s,$(firstword -$(MAKEFLAGS))),0)
say = @printf '  %-7s %s\n' $(1) $(2)
endif

LIBS := libbpf libelf zlib jansson libcap sqlite3
PKG_FLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs $(LIBS) 2>/dev/null) -lm

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes
ALL_CFLAGS = -std=gnu11 $(WARN) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iinclude -Itools/lib \
	$(PKG_FLAGS) $(CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(if $(STATIC),-static)

# mcpu=v3: atomics that return a value. The target is the machine the programs run on.
BPF_ARCH := $(if $(filter arm64,$(ARCH)),arm64,x86)
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra -Werror \
	-Wno-unused-parameter -Iinclude -Ibpf -I/usr/include/$(TRIPLET)

TOOLS := vgic-lat vgic-trace vgic-info vgic-bench vgic-cmp vgic-top
BIN := $(BUILD)/bin
OBJ := $(BUILD)/obj

# What only vgic-top is linked with, and ncurses: the screen.
SCREEN_OBJS := $(patsubst %,$(OBJ)/tools/lib/top_%.o,screen show play)
SCREEN_LIBS := $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs ncursesw 2>/dev/null)
LIB_OBJS := $(filter-out $(SCREEN_OBJS),$(patsubst %.c,$(OBJ)/%.o,$(wildcard tools/lib/*.c)))
BENCH_OBJS := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tools/vgic-bench/*.c))
ifeq ($(ARCH),arm64)
BENCH_OBJS += $(patsubst %.S,$(OBJ)/%.o,$(wildcard tools/vgic-bench/*.S))
endif

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all tools install check check-quick check-lab demo bench clean help format

all: tools

tools: $(TOOLS:%=$(BIN)/%)

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

## make               build the tools for this machine into build/ARCH/bin
## make ARCH=arm64    cross build (STATIC=1: static binaries)
## make check         everything: quick tests, statistics, then the lab on three real kernels
## make check-quick   unit and command line tests; no root, any architecture
## make check-stats   the statistics: against R, where installed, and vgic-cmp's gate by simulation
## make demo          each tool on guests in the lab, a Linux guest among them, from nothing
## make bench         what the tools cost, beside others: tables, also into docs/performance.md
## make install       into DESTDIR and PREFIX (default /usr/local)
## make format        clang-format over the C sources
## make clean         remove build/ARCH (the lab's downloads stay)
## V=1                show the commands

$(OBJ)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -I$(OBJ) -MMD -MP -c $< -o $@

$(OBJ)/%.o: %.S
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(OBJ)/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@.tmp
	$(Q)$(LLVM_STRIP) -g $@.tmp
	$(Q)mv $@.tmp $@

$(OBJ)/%.skel.h: $(OBJ)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

# One module per skeleton includes it (tests/cli/tree.sh).
$(OBJ)/tools/lib/programs.o: $(OBJ)/access.skel.h
$(OBJ)/tools/lib/inventory_read.o: $(OBJ)/inventory.skel.h
$(OBJ)/tools/lib/exits.o: $(OBJ)/exits.skel.h
$(OBJ)/tools/lib/trace_programs.o: $(OBJ)/trace.skel.h

$(BIN)/vgic-bench: $(BENCH_OBJS) $(LIB_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PKG_LIBS) -lpthread -o $@

$(BIN)/vgic-top: $(SCREEN_OBJS)
$(BIN)/vgic-top: PKG_LIBS += $(SCREEN_LIBS)

$(BIN)/%: $(OBJ)/tools/%.o $(LIB_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PKG_LIBS) -o $@

install: tools
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(docdir)/docs $(DESTDIR)$(docdir)/LICENSES
	install -m 755 $(TOOLS:%=$(BIN)/%) $(DESTDIR)$(sbindir)
	install -m 644 README.md CONTRIBUTING.md $(DESTDIR)$(docdir)
	install -m 644 docs/*.md $(DESTDIR)$(docdir)/docs
	install -m 644 LICENSES/* $(DESTDIR)$(docdir)/LICENSES

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD)

include tests/tests.mk

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
