// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Values worked out by hand from Arm IHI 0069 (GICv3/v4) and IHI 0048B (GICv2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "decode.h"
#include "regs.h"

static const struct {
	enum vgic_kind kind;
	uint32_t offset;
	unsigned int size;
	uint64_t value;
	const char *name, *decoded;
} cases[] = {
	/* clang-format off */
	{ VGIC_DIST_V2, 0x000, 4, 0x3, "GICD_CTLR", "EnableGrp0 EnableGrp1" },
	{ VGIC_DIST_V2, 0x000, 4, 0x0, "GICD_CTLR", "none" },
	{ VGIC_DIST_V2, 0x004, 4, 0x0000fc68, "GICD_TYPER", "INTIDs=288 CPUs=4 SecurityExtn LSPI=31" },
	{ VGIC_DIST_V2, 0x008, 4, 0x4b00243b, "GICD_IIDR", "implementer=Arm product=0x4b variant=0 revision=2" },
	{ VGIC_DIST_V2, 0x804, 4, 0x01010301, "GICD_ITARGETSR1",
	  "INTID 4 CPU 0, 5 CPU 0-1, 6-7 CPU 0" },
	{ VGIC_DIST_V2, 0x825, 1, 0x80, "GICD_ITARGETSR9+1", "INTID 37 CPU 7" },
	{ VGIC_DIST_V2, 0x820, 4, 0, "GICD_ITARGETSR8", "INTID 32-35 no CPU" },
	{ VGIC_DIST_V2, 0xf00, 4, 0x00050003, "GICD_SGIR", "SGI=3 to=list CPU=0,2" },
	{ VGIC_DIST_V2, 0xf00, 4, 0x0100000f, "GICD_SGIR", "SGI=15 to=others" },
	{ VGIC_DIST_V2, 0xf00, 4, 0x02008001, "GICD_SGIR", "SGI=1 to=self NSATT" },
	{ VGIC_DIST_V2, 0xf10, 4, 0x00000100, "GICD_CPENDSGIR0", "SGI 0 no CPU, 1 CPU 0, 2-3 no CPU" },
	{ VGIC_DIST_V2, 0xf26, 1, 0x06, "GICD_SPENDSGIR1+2", "SGI 6 CPU 1-2" },
	{ VGIC_DIST_V3, 0x0000, 4, 0x52, "GICD_CTLR", "EnableGrp1 ARE DS" },
	{ VGIC_DIST_V3, 0x0000, 4, 0x80000011, "GICD_CTLR", "EnableGrp0 ARE RWP" },
	/* What KVM returns for 32 SPIs and an ITS: 16 bits of INTID, A3V not. */
	{ VGIC_DIST_V3, 0x0004, 4, 0x007a0001, "GICD_TYPER", "INTIDs=64 CPUs=1 LPIS IDbits=16" },
	{ VGIC_DIST_V3, 0x0004, 4, 0x037b7bff, "GICD_TYPER",
	  "INTIDs=1020 CPUs=8 ESPI NMI LPIs=65536 MBIS LPIS IDbits=16 A3V No1N" },
	{ VGIC_DIST_V3, 0x0008, 4, 0x4b000010, "GICD_IIDR", "implementer=0x10 product=0x4b variant=0 revision=0" },
	{ VGIC_DIST_V3, 0x000c, 4, 0x18f, "GICD_TYPER2", "VID=15 VIL nASSGIcap" },
	{ VGIC_DIST_V3, 0x0010, 4, 0x9, "GICD_STATUSR", "RRD WROD" },
	{ VGIC_DIST_V3, 0x0040, 4, 33, "GICD_SETSPI_NSR", "INTID=33" },
	{ VGIC_DIST_V3, 0x0084, 4, 0xffffffff, "GICD_IGROUPR1", "group 1: INTID 32-63" },
	{ VGIC_DIST_V3, 0x0104, 4, 0x000000e4, "GICD_ISENABLER1", "INTID 34,37-39" },
	{ VGIC_DIST_V3, 0x0184, 4, 0, "GICD_ICENABLER1", "none" },
	{ VGIC_DIST_V3, 0x0208, 4, 0x80000001, "GICD_ISPENDR2", "INTID 64,95" },
	{ VGIC_DIST_V3, 0x0284, 4, 2, "GICD_ICPENDR1", "INTID 33" },
	{ VGIC_DIST_V3, 0x0304, 4, 4, "GICD_ISACTIVER1", "INTID 34" },
	{ VGIC_DIST_V3, 0x0384, 4, 8, "GICD_ICACTIVER1", "INTID 35" },
	{ VGIC_DIST_V3, 0x0d04, 4, 1, "GICD_IGRPMODR1", "INTID 32" },
	{ VGIC_DIST_V3, 0x0424, 4, 0x80a0a0a0, "GICD_IPRIORITYR9", "INTID 36-38 0xa0, 39 0x80" },
	{ VGIC_DIST_V3, 0x0425, 1, 0x80, "GICD_IPRIORITYR9+1", "INTID 37 0x80" },
	{ VGIC_DIST_V3, 0x0c08, 4, 0x00000002, "GICD_ICFGR2", "edge 32 level 33-47" },
	{ VGIC_DIST_V3, 0x0c08, 4, 0xaaaaaaaa, "GICD_ICFGR2", "edge 32-47" },
	{ VGIC_DIST_V3, 0x0c0c, 4, 0x55555555, "GICD_ICFGR3", "level 48-63" },
	{ VGIC_DIST_V3, 0x6128, 8, 0x0000000100020304, "GICD_IROUTER37", "INTID 37 to 1.2.3.4" },
	{ VGIC_DIST_V3, 0x6128, 8, 0x80000000, "GICD_IROUTER37", "INTID 37 to any CPU" },
	{ VGIC_DIST_V3, 0x6128, 4, 0x00000003, "GICD_IROUTER37+0", "INTID 37 to 0.0.3" },
	{ VGIC_DIST_V3, 0x612c, 4, 0x00000002, "GICD_IROUTER37+4", "INTID 37 Aff3=2" },
	{ VGIC_DIST_V3, 0xffe8, 4, 0x3b, "GICD_PIDR2", "ArchRev=GICv3" },
	{ VGIC_DIST_V3, 0xffd0, 4, 0x44, "GICD_PIDR4", "" },
	{ VGIC_DIST_V3, 0xfffc, 4, 0xb1, "GICD_CIDR3", "" },
	{ VGIC_DIST_V3, 0x0060, 4, 7, "GICD+0x60", "" },
	{ VGIC_REDIST, 0x0000, 4, 0x80000009, "GICR_CTLR", "EnableLPIs RWP UWP" },
	{ VGIC_REDIST, 0x0008, 8, 0x0000000300000311, "GICR_TYPER",
	  "affinity=0.0.0.3 processor=3 PLPIS Last" },
	{ VGIC_REDIST, 0x0008, 4, 0x00000311, "GICR_TYPER+0", "processor=3 PLPIS Last" },
	{ VGIC_REDIST, 0x000c, 4, 0x01020003, "GICR_TYPER+4", "affinity=1.2.0.3" },
	{ VGIC_REDIST, 0x0014, 4, 6, "GICR_WAKER", "ProcessorSleep ChildrenAsleep" },
	{ VGIC_REDIST, 0x0014, 4, 0, "GICR_WAKER", "none" },
	{ VGIC_REDIST, 0x0070, 8, 0x070000004321078fULL | 0x2000, "GICR_PROPBASER",
	  "address=0x43212000 IDbits=16 inner=RaWaWb outer=RaWaWb share=inner" },
	{ VGIC_REDIST, 0x0078, 8, 0x4000000045670400, "GICR_PENDBASER",
	  "address=0x45670000 inner=device outer=inner share=inner PTZ" },
	{ VGIC_REDIST, 0x00a0, 8, 8193, "GICR_INVLPIR", "INTID=8193" },
	{ VGIC_REDIST, 0x00c0, 4, 1, "GICR_SYNCR", "Busy" },
	{ VGIC_REDIST, 0x10100, 4, 0x0000ffff, "GICR_ISENABLER", "INTID 0-15" },
	{ VGIC_REDIST, 0x1041b, 1, 0xa0, "GICR_IPRIORITYR6+3", "INTID 27 0xa0" },
	{ VGIC_REDIST, 0x10c04, 4, 0x00000008, "GICR_ICFGR1", "edge 17 level 16,18-31" },
	{ VGIC_ITS, 0x0000, 4, 0x80000001, "GITS_CTLR", "Enabled ITS_Number=0 Quiescent" },
	{ VGIC_ITS, 0x0008, 8, 0x00000001000def71, "GITS_TYPER",
	  "Physical ITT_entry_size=8 ID_bits=16 Devbits=16 SEIS PTA HCC=0 CIDbits=2" },
	{ VGIC_ITS, 0x0080, 8, 0xb80000004100040fULL, "GITS_CBASER",
	  "Valid address=0x41000000 pages=16 inner=RaWaWb outer=inner share=inner" },
	{ VGIC_ITS, 0x0088, 8, 0x60, "GITS_CWRITER", "offset=0x60" },
	{ VGIC_ITS, 0x0090, 8, 0x61, "GITS_CREADR", "offset=0x60 Stalled" },
	{ VGIC_ITS, 0x0100, 8, 0xc107000042000207ULL, "GITS_BASER0",
	  "Valid Indirect type=devices entry_size=8 address=0x42000000 page=64K pages=8 "
	  "inner=device outer=inner share=non" },
	{ VGIC_ITS, 0x0104, 4, 0xc1070000, "GITS_BASER0+4",
	  "Valid Indirect type=devices entry_size=8 address=0x0 inner=device outer=inner" },
	{ VGIC_ITS, 0x0108, 8, 0x0400000000000000, "GITS_BASER1",
	  "type=collections entry_size=1 address=0x0 page=4K pages=1 inner=device outer=inner share=non" },
	{ VGIC_ITS, 0x10040, 4, 5, "GITS_TRANSLATER", "event=5" },
	{ VGIC_CPUIF, 0x1000, 4, 0x405, "GICC_DIR", "INTID=5 CPU=1" },
	{ VGIC_CPUIF, 0x00fc, 4, 0x0002043b, "GICC_IIDR",
	  "implementer=Arm product=0x0 architecture=2 revision=0" },
	/* clang-format on */
};
#define NR_CASES (sizeof(cases) / sizeof(cases[0]))

static void values_mean_what_the_manual_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR_CASES; i++) {
		unsigned int range = regs__classify(cases[i].kind, cases[i].offset);
		const struct vgic_reg *reg = regs__get(range);
		char name[DECODE_NAME_SZ], decoded[DECODE_SZ];

		decode__name(cases[i].kind, cases[i].offset, cases[i].size, name);
		decode__value(range, reg ? cases[i].offset - reg->off : 0, cases[i].size,
			      cases[i].value, decoded);
		if (strcmp(decoded, cases[i].decoded))
			print_message("%s 0x%lx\n", cases[i].name, cases[i].value);
		assert_string_equal(name, cases[i].name);
		assert_string_equal(decoded, cases[i].decoded);
	}
}

/* A value decoded whole says the same of what its upper half says alone. */
static void a_half_says_no_more_than_the_whole(void **state)
{
	char whole[DECODE_SZ], half[DECODE_SZ];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t value = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ rand();

		decode__value(VGIC_RANGE_REDIST_TYPER, 0, 8, value, whole);
		decode__value(VGIC_RANGE_REDIST_TYPER, 4, 4, value >> 32, half);
		assert_int_equal(strncmp(whole, half, strlen(half)), 0);
	}
}

static void what_is_too_long_ends_in_dots(void **state)
{
	char decoded[DECODE_SZ];

	(void)state;
	decode__value(VGIC_RANGE_DIST_V3_ISENABLER, 0x78, 4, 0x55555555, decoded);
	assert_string_equal(decoded, "INTID 960,962,964,966,968,970,972,974,976,978,980,982,984,"
				     "986,988,990");
	decode__value(VGIC_RANGE_DIST_V3_ISENABLER, 0x78, 8, 0x5555555555555555, decoded);
	assert_int_equal(strlen(decoded) < DECODE_SZ, true);
}

/* Whatever a guest writes: with the sanitizers on, nothing is written beyond the buffers. */
static void no_value_does_harm(void **state)
{
	static const uint64_t values[] = { 0, ~0ULL, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 1 };
	char *decoded = malloc(DECODE_SZ), *name = malloc(DECODE_NAME_SZ);

	(void)state;
	for (unsigned int range = 0; range <= VGIC_NR_RANGES; range++) {
		const struct vgic_reg *reg = regs__get(range);

		for (uint32_t at = 0; at <= (reg ? reg->len : 4); at += reg && at > 40 ? 29 : 1)
			for (unsigned int size = 0; size < 18;
			     size = size < 9 ? size + 1 : 2 * size)
				for (int v = 0; v < 9; v++) {
					decode__value(range, at, size,
						      v < 5 ? values[v] : (uint64_t)rand() * rand(),
						      decoded);
					assert_true(strlen(decoded) < DECODE_SZ);
				}
	}
	for (unsigned int kind = 0; kind < VGIC_NR_GIC_KINDS; kind++)
		for (uint32_t off = 0; off < kind__size(kind) + 64; off += 3) {
			decode__name(kind, off, 1 << off % 4, name);
			assert_true(strlen(name) < DECODE_NAME_SZ && strlen(name) > 4);
		}
	free(name);
	free(decoded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_mean_what_the_manual_says),
		cmocka_unit_test(a_half_says_no_more_than_the_whole),
		cmocka_unit_test(what_is_too_long_ends_in_dots),
		cmocka_unit_test(no_value_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
