/*
 * remote.h - other servers: the domains that are not served here, each an entity on the shard that owns it.
 *
 *     letters of all entities here ─▶ router ─▶ remote_take ─▶ queue of the link ─▶ stream ─▶ the other server
 *     the other server ─▶ stream ─▶ an event at the remote entity ─▶ router ─▶ the entity that it is for
 *
 * A **link** is what a served domain has to say to a remote one: a queue, and an outgoing stream while there is one.
 * Modules see no difference: what is for a domain elsewhere is sent as all else, and what comes from there arrives as
 * all else does.
 *
 * Nothing is lost between two servers that both speak XEP-0198:
 *
 *     the row of a letter (outbox.h) stays until the letter has its number in the stream, on disk, before it is sent
 *     <a h='n'/>  takes what has a number up to n from the disk
 *     a stanza that comes is counted in the batch of the event that it causes; <a/> is said when that is on disk
 *     after a restart of either, the stream is resumed, and what the other one does not have is sent again
 *
 * A server without it is asked to answer a ping behind what it was sent; the rows stay until then.
 *
 *     remote.c           the entity, its links             remote_env.c        start, stop, what streams ask
 *     remote_queue.c     what a link has to say            remote_record.c     the same on disk
 *     remote_attempt.c   finding the other server          remote_bounce.c     what could not be said goes back
 *     remote_out.c       the stream of a link              remote_manage.c     XEP-0198 on it
 *     remote_in.c        streams of others                 remote_count.c      XEP-0198 on those
 *     remote_policy.c    who is spoken to                  remote_ask.c        is that you? (XEP-0220)
 *     remote_seen.c      who is believed to be there       remote_component.c  XEP-0114
 *
 * A **component** (XEP-0114) is such a program.  Its domain is like another server's, but that nobody looks for it: it
 * connects by itself, and one link carries what all domains have to say to it.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/core/entity.h"
#include "server/core/outbox.h"
#include "server/stream/s2s.h"

struct parcel;
struct remote;

extern const struct store_space remote_stream_space, remote_out_space, remote_in_space,
	remote_index_space;

/* Does LOCAL speak with other servers?  Then what it sends to a domain that is not served here goes there. */
bool remote_is_open(struct core *core, struct str local);
/* May what comes from LOCAL go to REMOTE, which is not served here? */
bool remote_reaches(struct core *core, struct str local, struct str remote);
/* Is JID (may be none) one of a domain that is not served here, where others are spoken to at all? */
bool remote_is_abroad(struct core *core, struct jid jid);
/* The component that has DOMAIN; NULL: none. */
const struct conf_component *remote_component(struct core *core, struct str domain);
/* The components below the domain of H: walk with *AT beginning at 0; absent at the end. */
struct str remote_next_component(const struct host *h, size_t *at);
/* Who may read the file can be the component. */
void components_warn(const struct conf *conf);
/* The entity of the domain of JID, which is not served here; pinned. */
struct entity *remote_at(struct core *core, struct jid jid);

/* Of L, at the remote entity E.  ARENA or PARCEL, and the reference to shared content, are taken. */
void remote_take(struct entity *e, struct arena *arena, const struct letter *l,
                 struct parcel *parcel);

/* E has been loaded: what the last run of the server left is there. */
void remote_load(struct entity *e);
void remote_free(struct entity *e);

extern const struct s2s_ops remote_ops;
/* Can what the configuration says of other servers be used?  What cannot was logged.  Thread: main, before shards. */
MUST_CHECK int remotes_check(const struct conf *conf);
/* The shard's part: before rows are sent on.  What is on its way to others is loaded. */
void remotes_start(struct core *core);
MUST_CHECK int remotes_resume(struct core *core);
/* The server stops: nothing is tried again; then, when the view is gone, memory is freed. */
void remotes_stop(struct core *core);
void remotes_free(struct core *core);
/* The configuration was read again: TLS for connections to come; NULL: who comes is refused, under that of before. */
void remotes_renew(struct core *core, struct tls_server *tls);
/* The store has caught up: who was held goes on. */
void remotes_go(struct core *core);
