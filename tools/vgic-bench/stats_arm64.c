// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* KVM's binary statistics: Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD (Linux 5.14). */
#ifdef __aarch64__
#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "stats.h"

struct stats {
	int fd;
	struct kvm_stats_header header;
	char *descs; /* header.num_desc of them, each followed by its name */
};

static size_t stats__desc_size(const struct stats *stats)
{
	return sizeof(struct kvm_stats_desc) + stats->header.name_size;
}

static int read_at(int fd, void *buf, size_t size, off_t offset)
{
	ssize_t n = pread(fd, buf, size, offset);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

static int stats__open(struct stats *stats, int vcpu_fd)
{
	size_t size;
	int err;

	stats->descs = NULL;
	stats->fd = ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL);
	if (stats->fd < 0)
		return -errno;
	err = read_at(stats->fd, &stats->header, sizeof(stats->header), 0);
	if (err)
		return err;
	size = stats->header.num_desc * stats__desc_size(stats);
	stats->descs = malloc(size);
	if (!stats->descs)
		return -ENOMEM;
	return read_at(stats->fd, stats->descs, size, stats->header.desc_offset);
}

static void stats__close(struct stats *stats)
{
	free(stats->descs);
	if (stats->fd >= 0)
		close(stats->fd);
}

static int stats__get(const struct stats *stats, const char *name, uint64_t *value)
{
	for (unsigned int i = 0; i < stats->header.num_desc; i++) {
		const struct kvm_stats_desc *desc =
			(void *)(stats->descs + i * stats__desc_size(stats));

		if (!strncmp(desc->name, name, stats->header.name_size))
			return read_at(stats->fd, value, sizeof(*value),
				       stats->header.data_offset + desc->offset);
	}
	return -ENOENT;
}

int kvm_stats__add_exits(int vcpu_fd, uint64_t *kernel, uint64_t *user)
{
	struct stats stats;
	uint64_t k = 0, u = 0;
	int err;

	err = stats__open(&stats, vcpu_fd);
	if (!err)
		err = stats__get(&stats, "mmio_exit_kernel", &k);
	if (!err)
		err = stats__get(&stats, "mmio_exit_user", &u);
	stats__close(&stats);
	*kernel += k;
	*user += u;
	return err;
}

#endif
