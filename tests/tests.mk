# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#
# Unit tests: one program per tests/unit/test_*.c, linked with the library, both built with sanitizers.

SAN := $(BUILD)/san
SAN_CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UNIT_SRCS := $(wildcard tests/unit/test_*.c)
UNIT_BINS := $(UNIT_SRCS:tests/unit/%.c=$(SAN)/%)
SAN_LIB_OBJS := $(patsubst %.c,$(SAN)/%.o,$(wildcard tools/lib/*.c))
# Of vgic-bench what has no machine in it; of the tests what several share.
SAN_MORE_OBJS := $(patsubst %.c,$(SAN)/%.o,$(wildcard tools/vgic-bench/access.c tests/unit/fake_*.c))

$(SAN)/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(SAN_CFLAGS) -I$(OBJ) -Itools/vgic-bench -Itests/unit -MMD -MP -c $< -o $@

$(SAN)/tools/lib/programs.o: $(OBJ)/access.skel.h
$(SAN)/tools/lib/inventory_read.o: $(OBJ)/inventory.skel.h
$(SAN)/tools/lib/exits.o: $(OBJ)/exits.skel.h
$(SAN)/tools/lib/trace_programs.o: $(OBJ)/trace.skel.h

$(SAN)/libvgic.a: $(SAN_LIB_OBJS) $(SAN_MORE_OBJS)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(SAN)/test_vgic_top: PKG_LIBS += $(SCREEN_LIBS)

$(SAN)/test_%: $(SAN)/tests/unit/test_%.o $(SAN)/libvgic.a
	$(call say,LD,$@)
	$(Q)$(CC) $(SAN_CFLAGS) $^ $(PKG_LIBS) -lcmocka -o $@

# The simulation of vgic-cmp's gate: optimised, as it takes all the time it can get.
SIMULATE := $(BUILD)/stats/simulate
SIMULATE_OBJS := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/stats/*.c))

$(SIMULATE): $(SIMULATE_OBJS) $(LIB_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PKG_LIBS) -o $@

# What lab tests run beside the tools.
$(BUILD)/tests/%: $(OBJ)/tests/lab/guest/%.o $(LIB_OBJS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(PKG_LIBS) -o $@

check-quick:
	@scripts/setup build check
	@$(MAKE) --no-print-directory tools unit
	@tests/run --bin $(BIN) --unit $(SAN) quick

.PHONY: unit check-stats check-lab
unit: $(UNIT_BINS)

check-stats:
	@scripts/setup build check
	@$(MAKE) --no-print-directory $(SIMULATE)
	@tests/run --simulate $(SIMULATE) stats

check-lab:
	@scripts/setup build lab
	@tests/run lab

check:
	@scripts/setup
	@$(MAKE) --no-print-directory tools unit $(SIMULATE)
	@tests/run --bin $(BIN) --unit $(SAN) --simulate $(SIMULATE) quick stats lab

demo:
	@scripts/setup build lab
	@scripts/demo

bench:
	@scripts/setup build lab
	@scripts/bench $(BENCH)

-include $(shell find $(SAN) -name '*.d' 2>/dev/null)
