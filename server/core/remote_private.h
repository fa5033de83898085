/*
 * remote_private.h - what the files of other servers share: see remote.h.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/strset.h"
#include "server/core/remote.h"
#include "server/net/connect.h"
#include "server/net/resolve.h"

/* A stanza to the other server, as it is written.  It is on disk as its row, or under its number. */
struct remote_item {
	TAILQ_ENTRY(remote_item) link;
	struct outbox_key row;
	uint64_t number;  /* in the stream; 0: none */
	uint64_t was;     /* that, while new ones are on their way to the disk */
	int64_t since_ms; /* monotonic */
	bool stored;      /* under its number, on disk */
	bool storing;     /* it is on its way there */
	bool written;     /* on the wire, on the stream that there is */
	bool waits;       /* a message or a subscription: it has time */
	bool shows;       /* availability: it has some */
	size_t n;
	char bytes[];
};

TAILQ_HEAD(remote_items, remote_item);

enum link_state {
	LINK_IDLE,
	LINK_RESOLVING,
	LINK_CONNECTING,
	LINK_OPENING, /* a stream, not ready */
	/* it is ready; <enable/> or <resume/> is out, or its answer on its way to the disk */
	LINK_MANAGING,
	LINK_READY,
	LINK_WAITING, /* for the next attempt */
};

/* A question of dialback, on its way to REMOTE and back: remote_ask.c */
struct question;
LIST_HEAD(question_list, question);

struct remote_link {
	LIST_ENTRY(remote_link) link;
	struct remote *remote;
	struct str local; /* the served domain; behind the struct */
	enum link_state state;
	bool pinned; /* it is in use, and its entity stays loaded */
	/* it has questions alone, as its namesake says what it has on a stream of the other server's */
	bool asks;
	bool checking; /* is the other server still there? */
	/* an attempt */
	bool trying;
	struct resolve_query *query;
	struct connecting *connecting;
	struct arena *found; /* the targets */
	const struct resolve_target *targets;
	size_t n_targets, target;
	struct timer timer; /* the next attempt, or the end of a stream that carries nothing */
	unsigned attempts;
	int64_t given_up_until;      /* monotonic: the same is said again, without an attempt */
	enum stanza_error condition; /* what that is */
	int64_t failing_since;       /* monotonic; 0: it is not */
	char *why;                   /* the last one failed; NULL */
	/* the stream */
	struct s2s *stream;
	/* what comes on it, with XEP-0288; NULL: nothing does, or somebody else opened it */
	struct remote_in *in;
	unsigned losses;            /* of streams in a row on which nothing was acknowledged */
	uint64_t streams;           /* that there were */
	uint64_t epoch;             /* of numbers: they were given anew so often */
	bool managed;               /* XEP-0198 is on */
	bool asked;                 /* <r/>, or a ping, is out */
	uint64_t ping;              /* number of the ping, in its id */
	struct remote_item *pinged; /* behind which it is */
	struct timer answer;        /* is late */
	struct shard_msg push;      /* to itself: what has come in this turn goes out */
	bool pushing;
	/* XEP-0198 */
	char *id;          /* owned: of the stream that can be resumed; NULL: none */
	uint64_t sent;     /* the last number that was given */
	uint64_t acked;    /* up to there the other one has it */
	bool gaps;         /* of a restart or a bounce: numbers are given anew */
	bool store_failed; /* numbers are to be stored once more */
	struct batch_chain
		*chain; /* of their batches: none is stored behind one that was not */
	uint64_t chain_number;
	/* the queue: what is written, then what is not */
	struct remote_items items;
	struct remote_item *next; /* the first that is not written; NULL: none */
	size_t n_items, bytes;
	struct question_list questions;
	char text[];
};

LIST_HEAD(remote_in_list, remote_in);

struct remote {
	struct entity *entity;
	const struct conf_component *component; /* NULL: it is another server's */
	LIST_HEAD(, remote_link) links;         /* a component has one */
	struct remote_in_list ins;
	struct strset seen; /* remote_seen.c */
	char *fingerprint;  /* owned: of the certificate that was logged */
};

/* A stream that the other server has opened. */
struct remote_in {
	LIST_ENTRY(remote_in) link;
	LIST_ENTRY(remote_in) held_link; /* in core->held_ins */
	struct remote *remote;           /* its entity is pinned */
	struct s2s *stream;              /* NULL: it is gone */
	unsigned under_way;              /* events of it, and answers to it */
	struct remote_link
		*out; /* whose stream it is as well (XEP-0288, XEP-0114); NULL: nobody's */
	bool waits;   /* for the entity to be loaded */
	bool goes_both_ways; /* it may be some link's stream */
	bool held;           /* until the store has caught up */
	bool managed;        /* XEP-0198 is on */
	bool broken;         /* the disk did not take what came: no more is taken */
	bool asked;          /* <r/> waits for its answer */
	char *id;            /* owned: under which it can be resumed; NULL: it cannot */
	uint64_t taken, handled;
	uint64_t asked_at; /* what had been taken then */
};

static inline struct core *link_core(const struct remote_link *l)
{
	return l->remote->entity->core;
}

/* ---- remote.c ---- */

struct remote *remote_of(struct entity *e);
struct str remote_name(const struct remote *r);
struct remote_link *remote_find_link(struct remote *r, struct str local);
struct remote_link *remote_link(struct remote *r, struct str local); /* made if there is none */
struct remote_link *remote_asking_link(struct remote *r, struct str local);
/* It is in use, or not: to be called when that may have changed. */
void link_pin(struct remote_link *l);
/* The remote entity gets records with EV, if it has none. */
void remote_found(struct event *ev);
/* A certificate of the other server was seen: it is logged if it is another one. */
void remote_note_certificate(struct remote *r, struct s2s *s);

/* ---- remote_record.c ---- */

/* Under its number, in place of its row; and out of there. */
void queue_put_item(struct batch *b, const struct remote_link *l,
                    const struct remote_item *item);
void queue_delete_number(struct batch *b, const struct remote_link *l,
                         const struct remote_item *item);
void queue_put_stream(struct batch *b, const struct remote_link *l);
void queue_put_index(struct event *ev, const struct remote_link *l);
void queue_delete_item(struct batch *b, const struct remote_link *l,
                       const struct remote_item *item);
/* The stream is not to be resumed. */
void queue_forget_stream(struct remote_link *l);
void queue_load(struct remote *r);

/* ---- remote_queue.c ---- */

/* At the end. */
struct remote_item *queue_append(struct remote_link *l, struct str bytes);
void queue_add(struct remote_link *l, const struct letter *letter);
/* So long it waits for the other server. */
int64_t queue_patience_ms(struct core *core, const struct remote_item *item);
/* It has been said, or never will be: out of the queue and freed.  What is on disk of it is the caller's affair. */
void queue_drop(struct remote_link *l, struct remote_item *item);
/* The other one has it, up to ITEM: it goes from the disk. */
void queue_done(struct remote_link *l, const struct remote_item *item);
/* Nothing is on the wire any more. */
void queue_rewind(struct remote_link *l);
/* Numbers for all that have none, on disk before they are sent. */
void queue_number(struct remote_link *l);
/* May ITEM be written? */
bool queue_is_ready(const struct remote_link *l, const struct remote_item *item);
/* <a h='H'/>, or as much in <resumed/>.  ERR_INVALID: it was not sent so much. */
MUST_CHECK int queue_acked(struct remote_link *l, uint32_t h);
/* In EV: the stream's id, and the numbers of all that is left, behind ACKED. */
void queue_renumber(struct remote_link *l, struct event *ev);
void queue_renumbered(struct remote_link *l, int err); /* that is on disk, or failed */

/* ---- remote_attempt.c ---- */

/* There is something to say: find the other server, unless that is under way. */
void link_want(struct remote_link *l);
/* The other server is there, as it has come by itself: no waiting. */
void link_hurry(struct remote_link *l);
/* An attempt failed, at this target at least.  REFUSED: it will not be otherwise the next time. */
void link_failed(struct remote_link *l, const char *why, bool refused);
/* Its stream has ended: another one, in a moment, if there is anything to say. */
void link_wait(struct remote_link *l);
/* It has a stream: all is well. */
void link_forget_attempt(struct remote_link *l);
void link_stop(struct remote_link *l);
void link_attempt_init(struct remote_link *l);

/* ---- remote_out.c ---- */

/* Its own stream is ready. */
void link_opened(struct remote_link *l);
/* IN, which was not opened here, is the link's stream from now on. */
void link_adopt(struct remote_link *l, struct remote_in *in);
/* Has all that was said without numbers been confirmed? */
bool link_is_quiet(const struct remote_link *l);
/* Who opened it can resume it: the link wants a stream of its own. */
void link_part(struct remote_link *l);
/* What waits may go out. */
void link_be_ready(struct remote_link *l);
/* Something was put into the queue, or may leave now. */
void link_push(struct remote_link *l);
/* Ask for <a/>, or for an answer to a ping, behind what was said last; it is there. */
void link_ask(struct remote_link *l);
void link_answered(struct remote_link *l);
void link_answer_init(struct remote_link *l);
/* Is S the answer to the ping of one of R's links? */
bool link_takes_pong(struct remote *r, const struct stanza *s);
/* Nothing has passed for long, or the disk was to be tried again. */
void link_idle(struct remote_link *l);
void link_lost(struct remote_link *l, const char *why);

/* ---- remote_manage.c ---- */

/* XEP-0198, where the other server has it: <resume/>, or <enable/>. */
void link_offer(struct remote_link *l);
/* It was enabled by who opened the stream, and cannot be resumed. */
void link_manage(struct remote_link *l);
void link_on_ack(struct remote_link *l, const struct xml_node *element);
void link_element(struct remote_link *l, struct arena *arena, struct xml_node *element);

/* ---- remote_bounce.c ---- */

/* TEXT may be NULL.  One letter; all that waits in L; all of that but what may wait yet. */
void bounce_letter(struct entity *e, const struct letter *letter, enum stanza_error condition,
                   const char *text);
/* Stream after stream ends without anything being acknowledged: the first one that waits may be why. */
void bounce_poison(struct remote_link *l);
void bounce_all(struct remote_link *l, enum stanza_error condition, const char *text);
void bounce_hasty(struct remote_link *l, enum stanza_error condition, const char *text);

/* ---- remote_in.c ---- */

void in_authenticated(struct s2s *s, struct str local, struct str remote, enum s2s_proof proof);
/* The stream of IN may be used in the other direction as well. */
void in_ready(struct remote_in *in);
/* What comes on the stream of L, with XEP-0288. */
struct remote_in *in_of_link(struct remote_link *l);
void in_element(struct remote_in *in, struct arena *arena, struct xml_node *element);
void in_gone(struct remote_in *in);
void in_done(struct remote_in *in); /* with one of those under way; IN may be freed */

/* ---- remote_count.c ---- */

/* EV is of a stanza of IN. */
void in_count(struct remote_in *in, struct event *ev);
/* An element of stream management. */
void in_manage(struct remote_in *in, const struct xml_node *element);
/* The stream was closed in peace. */
void in_forget(struct remote_in *in);
/* <r/> */
void in_asked(struct remote_in *in);
/*
 * XEP-0288: the stream that IN comes on was opened here, and is managed under ID (absent: it cannot be resumed)
 * from now on; in EV.
 */
void in_begin(struct remote_in *in, struct event *ev, struct str id);
/* It is to be resumed: what was handled of it, for <resume/>. */
uint64_t in_restore(struct remote_in *in, struct str id);

/* ---- remote_seen.c ---- */

/* S comes from R. */
void seen_note(struct remote *r, const struct stanza *s);
/* A stream with R has broken: is it there yet? */
void seen_check(struct remote *r);
/* L was tried in vain: when that has gone on for long, R is gone. */
void seen_missed(struct remote_link *l);
/* There is no use in trying it. */
void seen_lost(struct remote_link *l);
/* It is. */
void seen_gone(struct remote *r);

/* ---- remote_component.c ---- */

/* May the component of DOMAIN speak with other servers?  As the nearest host above it, if there is one. */
bool component_is_open(struct core *core, struct str domain);
/* s2s_ops.component */
bool component_find(struct s2s_env *env, struct str domain, struct s2s_component *out);
/* The host in whose name the server itself speaks to the component of DOMAIN: the nearest one, else the first. */
struct str component_speaker(struct core *core, struct str domain);
/* It has connected: the link is to have this stream, whatever it had. */
void component_takes_over(struct remote_link *l);

/* ---- remote_policy.c ---- */

struct s2s_policy remote_policy(struct core *core, struct str local, struct str remote);

/* ---- remote_ask.c ---- */

void ask_remote(struct s2s *s, struct str local, struct str remote, struct str id,
                struct str key);
/* L has a stream: what waited for it. */
void ask_pending(struct remote_link *l);
void ask_answered(struct remote_link *l, struct str id, bool valid);
/* Nobody will answer. */
void ask_give_up(struct remote_link *l);
