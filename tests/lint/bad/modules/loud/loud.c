/*
 * loud.c - an option that no manual names.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
static const struct conf_option options[] = {
	CONF_OPT_INT("volume", struct loud, volume, 1, 0, 11, "how loud"),
	{ 0 },
};
