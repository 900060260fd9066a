// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stddef.h>
#include "calibration.h"

const struct calibration_share *calibration__share(const struct calibration *cal, int stage)
{
	static const struct calibration_share unknown;

	return cal ? &cal->stages[stage] : &unknown;
}

double calibration_share__without(const struct calibration_share *share, double ns)
{
	if (!share->is_known)
		return ns;
	return ns > share->ns ? ns - share->ns : 0;
}
