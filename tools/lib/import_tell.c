// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What an import has to say: remarks for the user, facts for the recording. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "ftrace_fold.h"

void import__remark(struct import *import, const char *format, ...)
{
	va_list args;

	if (import->nr_remarks == IMPORT_MAX_REMARKS)
		return;
	va_start(args, format);
	vsnprintf(import->remarks[import->nr_remarks++], sizeof(import->remarks[0]), format, args);
	va_end(args);
}

void import__fact(struct import *import, double value, const char *format, ...)
{
	struct recording_fact *fact = &import->facts[import->nr_facts];
	va_list args;

	if (import->nr_facts == IMPORT_MAX_FACTS)
		return;
	va_start(args, format);
	vsnprintf(fact->name, sizeof(fact->name), format, args);
	va_end(args);
	/* Names of facts have no slash, those of ranges may: "GICD_CTLR/TYPER/IIDR". */
	for (char *p = fact->name; (p = strchr(p, '/')); p++)
		*p = '+';
	fact->value = value;
	import->nr_facts++;
}
