/*
 * login.h - from a connection to a session: what streams ask of the core (c2s_ops), across
 * shards.
 *
 *     any shard                                  the account's shard
 *     ─────────                                  ───────────────────
 *     SASL wants the account ── lookup ────────▶ load, throttle, read the verifiers
 *     go on                  ◀─ verifiers ──────
 *     wrong secret           ── guess ─────────▶ counted
 *     vouched for elsewhere  ── newcomer ──────▶ an account without verifiers is made, on disk
 *     success                ── the stream ────▶ <success/>, binding, session
 *
 * Guesses at passwords are slowed down by account here, and by address in c2s_sasl.c.  Nobody
 * is locked out: whoever entered before from the same address does not wait, and others wait
 * some seconds at most.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/core.h"

extern const struct c2s_ops login_ops;
/* The shard stops: lookups that their account's throttle delays are not waited for. */
void lookups_refuse(struct core *core);
