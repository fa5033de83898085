/*
 * shared.h - groups of the configuration whose members see one another without asking.
 *
 *     roster { shared = { "Staff: juliet@example.org, romeo@example.org", "Everyone: *" } }
 *
 * A member's roster shows the others as contacts of that group with the subscription "both",
 * beside and over what is stored.  Nothing of it is stored.  The star is all accounts of the
 * host: who comes new is introduced to the others at his first login, who is removed leaves.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "modules/roster/item.h"

struct shared_group;

/* At each host and shard. */
struct roster_state_of_host {
	struct arena *arena;
	struct shared_group *groups;
	size_t n_groups;
};

/* From the option's lines; ERR_CONFIG when one cannot be read, which is logged. */
MUST_CHECK int shared_start(struct mod *m, const struct conf_list *lines);
void shared_stop(struct mod *m);

/* Is the account in any group? */
bool shared_applies(struct mod *m, struct event *ev);
/* Lay over ITEM what groups say of its JID; are there any?  Or an error. */
MUST_CHECK int shared_overlay(struct mod *m, struct event *ev, struct roster_item *item);
/* Each contact once, shared or stored or both. */
MUST_CHECK int shared_each(struct mod *m, struct event *ev, roster_fn *fn, void *arg);
/* Take the names of shared groups away from what a client sends back. */
void shared_strip(struct mod *m, struct roster_item *item);
/* The account becomes available: the others are told of it if they have not been before. */
MUST_CHECK int shared_introduce(struct mod *m, struct event *ev);
