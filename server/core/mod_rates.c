/*
 * mod_rates.c - token buckets for modules.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/mem.h"
#include "server/core/core.h"
#include "server/net/rate.h"

#include <stdlib.h>

#define RATES_MAX 65536
#define PARTS 1000 /* of one time: few in an hour are no whole thousandths in a second */

struct mod_rates {
	struct core *core;
	struct rate_limit limit;
	struct rate_table *table;
};

struct mod_rates *mod_rates_new(struct mod *m, int64_t burst, int64_t n, int64_t period_ms)
{
	struct mod_rates *r = MEM_NEW(struct mod_rates);
	int64_t thousandths = n * PARTS * 1000 * 1000 / period_ms;

	r->core = mod_core(m);
	r->limit = (struct rate_limit){ .burst = burst * PARTS,
		                        .per_second = thousandths > 0 ? thousandths : 1 };
	r->table = rate_table_new(RATES_MAX);
	return r;
}

void mod_rates_free(struct mod_rates **rates)
{
	if (*rates == NULL)
		return;
	rate_table_free(&(*rates)->table);
	free(*rates);
	*rates = NULL;
}

bool mod_rate_take(struct mod_rates *rates, struct str key)
{
	int64_t now = core_now_ms(rates->core);

	return rate_take(rate_table_at(rates->table, key, now), &rates->limit, now, PARTS);
}
