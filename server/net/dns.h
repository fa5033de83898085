/*
 * dns.h - questions to the DNS, from a shard's loop: libunbound, which validates DNSSEC itself.
 *
 * libunbound works on a thread of its own, which the first question starts, and its results are
 * read on the loop.  It keeps what it learns as long as the records say, and what /etc/hosts
 * says counts as an answer.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/net/resolve.h"

enum dns_type {
	DNS_A = 1,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_TLSA = 52,
};

enum dns_status {
	DNS_DATA,
	DNS_NODATA, /* there is no such name, or nothing of that type */
	DNS_FAILED, /* nobody answered, or only that he cannot tell */
	DNS_FORGED, /* DNSSEC says that the answer is not the owner's */
};

/* Borrowed for the call. */
struct dns_answer {
	enum dns_status status;
	bool secure;       /* of DNS_DATA and DNS_NODATA: DNSSEC vouches for it */
	char *const *data; /* RDATA, names in it not compressed; aliases have been followed */
	const int *sizes;
	size_t n;
};
static inline struct str dns_record(const struct dns_answer *a, size_t i)
{
	return str_make(a->data[i], (size_t)a->sizes[i]);
}

struct dns;

/* As resolver_check. */
MUST_CHECK int dns_check(const struct resolver_config *config);
/* CONFIG is copied. */
struct dns *dns_new(struct shard *here, const struct resolver_config *config);
/* Forgets what is under way and waits for the thread.  Not from inside an answer. */
void dns_free(struct dns **dns);

typedef void dns_answer_fn(void *arg, const struct dns_answer *answer);
/* One question, in the memory of who asks: it stays until it is answered or cancelled. */
struct dns_question {
	dns_answer_fn *on_answer;
	void *arg;
	int id;
	bool open; /* asked, and not answered yet */
};
/*
 * ON_ANSWER is called once, from the loop and never from inside this call.  -EIO when libunbound
 * cannot work (logged): it is not called then.
 */
MUST_CHECK int dns_ask(struct dns *dns, struct dns_question *question, const char *name,
                       enum dns_type type);
void dns_cancel(struct dns *dns, struct dns_question *question); /* if it is open */
