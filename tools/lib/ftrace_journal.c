// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "ftrace_journal.h"

struct ftrace_journal {
	FILE *file;
	uint64_t nr;
};

struct ftrace_journal *ftrace_journal__new(void)
{
	struct ftrace_journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return NULL;
	journal->file = tmpfile();
	if (journal->file)
		return journal;
	free(journal);
	return NULL;
}

void ftrace_journal__free(struct ftrace_journal *journal)
{
	if (!journal)
		return;
	fclose(journal->file);
	free(journal);
}

int ftrace_journal__add(struct ftrace_journal *journal, const struct ftrace_access *access)
{
	if (fwrite(access, sizeof(*access), 1, journal->file) != 1)
		return -errno;
	journal->nr++;
	return 0;
}

int ftrace_journal__each(struct ftrace_journal *journal, ftrace_access__fn fn, void *arg)
{
	struct ftrace_access access;
	int err = 0;

	if (fseek(journal->file, 0, SEEK_SET))
		return -errno;
	for (uint64_t i = 0; i < journal->nr && !err; i++) {
		if (fread(&access, sizeof(access), 1, journal->file) != 1)
			return -EIO;
		err = fn(arg, &access);
	}
	return err;
}
