/*
 * module.h - all that a module needs, and all that it may use besides xml/.
 *
 * A module is one descriptor of data (struct mod_def, at the end of its file): its options, iq
 * handlers, hooks, spaces, features and commands.  It is enabled for each host; for each host
 * and shard there is one struct mod, so a module's state is never shared between threads, and
 * its handlers are plain sequential code.
 *
 *     a stanza from a local session ─▶ event at the sender's account      HOOK_SENT, iqs with AT_SENDER, then routed
 *     a routed stanza               ─▶ event at the entity it is for      iqs, HOOK_RECEIVED, then default delivery
 *
 * A handler reads (event_find), writes (event_put) and says what is to be sent (event_result,
 * event_send …).  Nothing leaves before what the event wrote is on disk; when that fails,
 * nothing was written, nothing is sent, and the sender gets
 * resource-constraint.  doc/modules.md shows how to write one.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "conf/value.h"
#include "server/base/base64.h"
#include "server/base/digest.h"
#include "server/base/err.h"
#include "server/base/log.h"
#include "server/base/lru.h"
#include "server/base/rand.h"
#include "server/base/recent.h"
#include "server/base/shared.h"
#include "server/base/strset.h"
#include "server/store/job.h"
#include "server/store/key.h"
#include "server/store/names.h"
#include "server/store/record.h"
#include "server/store/view.h"
#include "xml/dataform.h"
#include "xml/datetime.h"
#include "xml/ns.h"
#include "xml/rsm.h"
#include "xml/stanza.h"

#define MOD_ABI 5

struct core;   /* a shard's part of the server */
struct entity; /* what a bare JID names */
struct host;   /* a served domain, as seen by one shard */
struct mod;
struct session; /* a bound resource */

/* ---- events ---- */

struct event {
	struct arena *arena; /* everything of this event; gone when it is done */
	struct core *core;
	struct host *host;
	/* at which this happens; the sender's own while its stanza goes out */
	struct entity *entity;
	/*
	 * the local session whose stanza this is, or that a session hook speaks of; else NULL
	 */
	struct session *session;
	const struct stanza *stanza;    /* NULL in session hooks */
	const struct xml_node *payload; /* the only child of an iq get or set; else NULL */
	uint64_t owner; /* the entity's; 0 when it has no records (no such account) */
	struct store_view *read;
	struct batch *batch; /* what this event writes; NULL until something is put */
	/*
	 * the message was delivered before, to a session that ended without having it:
	 * HOOK_RECEIVED has seen it, and copies of it went out
	 */
	bool again;
	/*
	 * under which the archive of the entity's account keeps the stanza (modules/mam); 0: it does
	 * not
	 */
	uint64_t archive_id;
	const struct stanza
		*archived; /* that stanza as the account's sessions get it; may be NULL */
};

/*
 * What a handler returns; a negative error is logged and answered with internal-server-error
 * (ERR_FULL: resource-constraint).
 */
enum mod_result {
	MOD_PASS = 0,    /* not mine: the next one */
	MOD_HANDLED = 1, /* done with: nobody else sees it */
	MOD_LATER = 2,   /* event_finish will be called, on this shard */
};

/*
 * Reading and writing the entity's own records.  Values are borrowed until the event is done.
 */
MUST_CHECK int event_find(struct event *ev, const struct store_space *space, struct str key,
                          struct str *value_out);
MUST_CHECK int event_scan(struct event *ev, const struct store_space *space, struct str prefix,
                          struct str from, size_t limit, store_each_fn *each, void *arg);
MUST_CHECK int event_scan_down(struct event *ev, const struct store_space *space,
                               struct str prefix, struct str from, size_t limit,
                               store_each_fn *each, void *arg);
/* An entity without records (owner 0) cannot be written to: the event ends with not-allowed. */
void event_put(struct event *ev, const struct store_space *space, struct str key,
               struct str value);
void event_delete(struct event *ev, const struct store_space *space, struct str key);
/*
 * The same for an index over many entities, which belongs to none of them (STORE_OWNER_STORE).
 * Shards write at the same time: the key must be one that this entity alone writes, best by
 * having the entity's owner in it.  Not erased with the account: HOOK_REMOVED.
 */
void event_put_index(struct event *ev, const struct store_space *space, struct str key,
                     struct str value);
void event_delete_index(struct event *ev, const struct store_space *space, struct str key);
/*
 * Reading what may not be in memory, or is no record of the entity: return event_read(…).  WORK
 * runs on a reader thread, sees what is on disk (store/job.h), all that earlier events of the
 * entity wrote included, and may touch nothing but ARG and the event's arena; then DONE runs on
 * this shard and returns as a handler does, which may be event_read(…) again.  A handler that has
 * written or sent something cannot use it.
 */
typedef void event_read_fn(struct store_reader *reader, void *arg);
typedef int event_read_done_fn(struct event *ev, void *arg);
MUST_CHECK int event_read(struct event *ev, event_read_fn *work, event_read_done_fn *done,
                          void *arg);

/*
 * What the archive of ev's account keeps under an archive_id, as the account's sessions are to get
 * it, in the event's arena.  ERR_NOENT: it is gone.  ERR_CLOSED: no module of the host keeps an
 * archive, so that nobody knows.
 */
MUST_CHECK int event_archived(struct event *ev, uint64_t id, const struct stanza **s_out);
bool host_has_archive(const struct host *h);

/* Answers to the event's iq; each returns MOD_HANDLED.  PAYLOAD may be NULL. */
int event_result(struct event *ev, struct xml_node *payload);
int event_error(struct event *ev, enum stanza_error condition);
int event_error_text(struct event *ev, enum stanza_error condition, const char *text);
/*
 * RFC 6121 §4.3.2: the prober has not been approved of, or there is no such account, which must look
 * the same.  MOD_HANDLED.
 */
int event_refuse_probe(struct event *ev);
/*
 * Send a stanza on its way: to wherever its to says, unless a module's may_send keeps it.  It
 * lives in ev->arena.
 */
void event_send(struct event *ev, const struct stanza *s);
/*
 * The same, of what its receiver can do without when the server dies: a message or request leaves
 * no trace on disk on its way.
 */
void event_send_lightly(struct event *ev, const struct stanza *s);
/* Did a session send the event's stanza that outlives the server (session_is_managed)? */
bool event_sender_lasts(struct event *ev);
/* Give a stanza to one of the entity's own sessions, whatever its to says. */
void event_deliver(struct event *ev, struct session *session, const struct stanza *s);
/*
 * The same, of something that is stored or can be made again: if the session ends before it
 * left, it is dropped, while what was delivered goes to whoever may have it in its place.
 */
void event_offer(struct event *ev, struct session *session, const struct stanza *s);
/*
 * The same, of the event's own stanza in another form: where that was delivered, it has arrived as
 * soon as this has, and is not delivered once more.
 */
void event_copy(struct event *ev, struct session *session, const struct stanza *s);
/*
 * The same, past the session's filter; of S, which need not outlive the call, a copy is made.
 */
void event_write(struct event *ev, struct session *session, const struct stanza *s);
/*
 * Take back what the event delivers of its own stanza to that session; false: nothing.  For a
 * handler that stores it in order to send it later.
 */
bool event_withhold(struct event *ev, const struct session *session);
/*
 * S with its content written once, for many to receive: a header over shared content, to be
 * sent as it is or readdressed.  Its node is NULL.
 */
const struct stanza *event_share(struct event *ev, const struct stanza *s);
/* The same: S's own content behind TEXT, which is such content, written for NS_CLIENT. */
const struct stanza *event_share_behind(struct event *ev, struct str text,
                                        const struct stanza *s);
/*
 * The event's own stanza is not for that session: default delivery passes it by, as if it were
 * not there.
 */
void event_pass_by(struct event *ev, const struct session *session);
bool event_passes_by(struct event *ev, const struct session *session);
/* Does the event, as it stands, deliver its own stanza to that session? */
bool event_delivers_to(struct event *ev, const struct session *session);
/* Does it send anything to just that address? */
bool event_sends_to(struct event *ev, struct jid to);
/*
 * A record that nobody waits for, such as when somebody was last seen: a full disk loses it, and
 * nothing else.
 */
void event_note(struct event *ev, const struct store_space *space, struct str key,
                struct str value);
/*
 * What FN writes commits by itself, whatever becomes of the event and of others that take part in
 * it; nobody waits for it, as with event_note.  Returns what FN returned; negative: nothing.
 */
typedef int event_aside_fn(struct mod *m, struct event *ev);
int event_aside(struct event *ev, event_aside_fn *fn, struct mod *m);
/*
 * FN runs on this shard when what the event wrote is on disk and what it sends has left (ERR 0),
 * or has failed.  The entity stays loaded until then.  Once for an event.
 */
typedef void event_then_fn(struct entity *e, void *arg, int err);
void event_then(struct event *ev, event_then_fn *fn, void *arg);
/*
 * An answer that takes time: return MOD_LATER, and call event_finish once, on this shard, with
 * what the handler would have returned.  ev->session is NULL from then on; the entity stays
 * loaded.  When the shard stops, it is still called.
 */
void event_finish(struct event *ev, int result);

/*
 * At a name of a service (struct mod_service): it has no records yet, and is to have some, from
 * here on; it and all its records go, and what comes behind that in the event cannot be written.
 * With what the event writes, or not at all.
 */
void event_found(struct event *ev);
void event_dissolve(struct event *ev);

/*
 * FN runs as a handler at the ACCOUNT, of this shard, when what is under way here is done: in an
 * event of its own, without a stanza, with a copy of DATA.  Where there is no such account by
 * then, ev->owner is 0.  Not at all when the server stops.
 */
typedef int mod_visit_fn(struct mod *m, struct event *ev, struct str data);
void mod_visit(struct mod *m, struct jid account, mod_visit_fn *fn, struct str data);
/*
 * The same at EV's account, without data, as soon as EV has ended, whatever came of it: before anything
 * else happens there.  For one FN in an event.
 */
void event_behind(struct event *ev, struct mod *m, mod_visit_fn *fn);
/* As mod_visit, when DELAY_MS have passed. */
void mod_visit_in(struct mod *m, int64_t delay_ms, struct jid account, mod_visit_fn *fn,
                  struct str data);

/* ---- entities, sessions, hosts ---- */

struct jid entity_jid(const struct entity *e);
struct host *entity_host(const struct entity *e);
bool entity_is_account(const struct entity *e);   /* an account that exists */
bool entity_is_temporary(const struct entity *e); /* an anonymous account */
bool entity_is_host(const struct entity *e);
bool entity_is_item(const struct entity *e); /* of a service, and it has records */
/* begin with NULL; in order of binding */
struct session *entity_next_session(struct entity *e, struct session *prev);
struct session *entity_session(struct entity *e, struct str resource);

struct jid session_jid(const struct session *s); /* full; lives as long as the session */
struct entity *session_entity(const struct session *s);
bool session_is_available(const struct session *s);
int session_priority(const struct session *s); /* -128 to 127; of an available one */
/*
 * Called by the presence module alone: what the session shows of itself from now on, as
 * event_share made it; NULL: it is unavailable.
 */
void session_set_presence(struct session *s, const struct stanza *presence, int priority);
/* The presence of an available session, addressed to TO; NULL while it is unavailable. */
const struct stanza *session_presence(struct event *ev, struct session *s, struct jid to);
/* As if the client had sent its last presence again: what filters add is made anew. */
void session_renew_presence(struct session *s);
/* Is it that what S sends now?  Then the stanza holds what filters added the last time. */
bool session_is_renewing(const struct session *s);
int64_t session_idle_ms(const struct session *s);
bool session_is_connected(const struct session *s); /* else it waits to be resumed (XEP-0198) */
/*
 * What EV sends to S goes to FN first when its handlers have ended, which may keep a copy of it
 * for later (true) or let it pass, behind what it puts before it with event_write.  One filter
 * for a session; NULL: none.
 */
typedef bool session_filter_fn(struct mod *m, struct event *ev, struct session *s,
                               const struct stanza *stanza);
void session_set_filter(struct session *s, struct mod *m, session_filter_fn *fn);
/*
 * Count N more bytes against what the client may send, for what it asked costs more than its
 * bytes: as a rule, ten for a microsecond.
 */
void session_charge(struct session *s, int64_t n);
/*
 * Is what S is given kept on disk until its client has acknowledged it (XEP-0198)?  If that never
 * happens, it goes to whoever may have it in its place: who stores it hands it over for good.
 */
bool session_is_managed(const struct session *s);
/* What the module's session_save writes of S is no longer what it wrote. */
void session_changed(struct session *s);
/*
 * In HOOK_RESUMED: the server was restarted since S was last connected, and all that is not
 * stored is forgotten, such as the presence that waited for it.
 */
bool session_was_restored(const struct session *s);

struct str host_name(const struct host *h);
struct jid host_jid(const struct host *h);
bool host_is_admin(const struct host *h, struct jid jid);
/* The bare JIDs of the administrators: walk with *AT beginning at 0; absent at the end. */
struct str host_next_admin(const struct host *h, size_t *at);
/* Is there that account of the event's host, on disk or of this shard on its way there? */
bool host_has_account(struct event *ev, struct jid account);
/*
 * Each account of the event's host, by name; until FN returns other than 0.  Costs a read for
 * each.
 */
typedef int host_account_fn(void *arg, struct jid account);
MUST_CHECK int host_each_account(struct event *ev, host_account_fn *fn, void *arg);
/* Does it know the passwords of its accounts itself?  Else nobody can set them here. */
bool host_keeps_passwords(const struct host *h);
int64_t core_started_ms(const struct core *core); /* wall clock, of the server's start */
int64_t core_now_ms(const struct core *core);     /* monotonic */
int64_t core_wall_ms(const struct core *core);

/*
 * What the loaded modules declare, for disco: walk with *AT beginning at 0; absent or NULL at
 * the end.
 */
struct str host_next_feature(const struct host *h, bool of_account, size_t *at);
const struct mod_identity *host_next_identity(const struct host *h, bool of_account,
                                              size_t *at);
/* Of the host alone, made in ARENA. */
struct xml_node *host_next_form(const struct host *h, struct arena *arena, size_t *at);

/* ---- accounts ---- */

/*
 * Asynchronous requests about accounts, from any shard; DONE runs on the calling shard.  ERR is
 * 0, ERR_EXISTS, ERR_RESTING (an account of that name was removed lately), ERR_NOENT,
 * ERR_INVALID (a name or password that cannot be prepared), ERR_DENIED (a password, where the host
 * does not keep them: there an account is made with an empty one), ERR_BUSY, ERR_FULL, ERR_STORE.
 */
typedef void account_done_fn(struct core *core, void *arg, int err);
void account_create(struct core *core, struct jid account, struct str password,
                    account_done_fn *done, void *arg);
void account_set_password(struct core *core, struct jid account, struct str password,
                          account_done_fn *done, void *arg);
/* Removes the account and every record of it, and ends its sessions. */
void account_remove(struct core *core, struct jid account, account_done_fn *done, void *arg);

/* ---- an iq before authentication ---- */

struct early_iq; /* an answer is owed to it */
/* The iq; valid until the answer. */
const struct stanza *early_stanza(const struct early_iq *iq);
struct arena *early_arena(const struct early_iq *iq);
struct core *early_core(const struct early_iq *iq);
struct str early_address(const struct early_iq *iq); /* the client's address block */
/* Exactly one of these, once; frees IQ. */
void early_result(struct early_iq *iq, struct xml_node *payload);
void early_error(struct early_iq *iq, enum stanza_error condition, const char *text);

/* ---- the descriptor ---- */

/*
 * One row for each payload that a module answers.  Nothing else is asked first: an iq has one
 * handler.
 */
enum mod_iq_flags {
	IQ_GET = 1 << 0,
	IQ_SET = 1 << 1,
	TO_HOST = 1 << 2,  /* addressed to the domain */
	TO_SELF = 1 << 3,  /* to the bare JID of the sender's own account, or without to */
	TO_OTHER = 1 << 4, /* to the bare JID of an account, by someone else */
	/* to the sender's own domain, handled at the sender's account */
	AT_SENDER = 1 << 5,
	/*
	 * to an account that does not exist: what TO_OTHER answers to strangers, where that is
	 * not service-unavailable, so that nobody learns who has an account
	 */
	TO_NOBODY = 1 << 6,
};
struct mod_iq {
	const char *ns, *name;
	unsigned flags;
	int (*fn)(struct mod *m, struct event *ev);
};
int iq_forbidden(struct mod *m, struct event *ev); /* a ready handler */

enum mod_hook_point {
	/* a stanza from a local session, from stamped with its full JID, before it is routed */
	HOOK_SENT = 1,
	HOOK_RECEIVED, /* a stanza for an account, before default delivery */
	/* a message for an account without a resource to take it, before its error */
	HOOK_UNDELIVERED,
	/* a message was given to sessions of the account, or to nobody without an error */
	HOOK_DELIVERED,
	HOOK_BOUND, /* a session was bound */
	/* a session has a connection again (XEP-0198 §5), which does not know of client states */
	HOOK_RESUMED,
	HOOK_ENDED, /* a session is over; it is still listed */
	/*
	 * ev->session showed itself for the first time (RFC 6121 §4.2), anew (§4.4), or as gone
	 * (§4.5), be it that it ended: ev->stanza, without a to, is for all who may know
	 */
	HOOK_AVAILABLE,
	HOOK_UPDATED,
	HOOK_UNAVAILABLE,
	HOOK_REMOVED, /* the account is being removed: its records can be read a last time */
	/* the account's vCard becomes ev->payload (modules/vcard/vcard.h) */
	HOOK_VCARD,
	HOOKS,
};
/* The order within a hook. */
enum mod_phase {
	PHASE_GUARD,    /* may this pass at all */
	PHASE_FILTER,   /* note or rewrite */
	PHASE_ACT,      /* do what the stanza asks */
	PHASE_FALLBACK, /* when nobody did */
};
/* Run the hooks of POINT in order until one does not pass; what that returned. */
int event_hooks(struct event *ev, enum mod_hook_point point);
struct mod_hook {
	enum mod_hook_point point;
	enum mod_phase phase;
	int (*fn)(struct mod *m, struct event *ev);
};

/* An element of a client's stream that is no stanza. */
struct mod_nonza {
	const char *ns, *name;
	void (*fn)(struct mod *m, struct event *ev, const struct xml_node *nonza);
};

/*
 * A node of disco's (XEP-0030 §3.2, §4.2) at the accounts' own bare JID, for their own users.  A
 * handler answers the iq in ev; NULL: item-not-found.
 */
struct mod_node {
	const char *node;
	int (*info)(struct mod *m, struct event *ev);
	int (*items)(struct mod *m, struct event *ev);
};
/*
 * The handler of the module that has the account's node of ev->payload, asked; MOD_PASS: there
 * is no such node for who asks.
 */
int event_node(struct event *ev, bool items);

struct mod_identity {
	const char *category, *type, *name; /* XEP-0030 §3 */
};

/* An element in the stream's features: as XML, or made. */
struct mod_stream_feature {
	bool early; /* beside SASL; else beside binding */
	const char *xml;
	bool (*wanted)(const void *conf); /* NULL: always */
	/*
	 * In place of XML, in ARENA; NULL: none.  Once on each shard, when all modules of the host
	 * have started, and the same on all of them.
	 */
	struct xml_node *(*make)(struct mod *m, struct arena *arena);
};

struct mod_def {
	unsigned abi;
	const char *name;
	const char *summary; /* one line */
	const char *xep;     /* "XEP-0199 2.0.1"; several separated by ", "; NULL: none */
	bool off;            /* not enabled unless named */
	const char *needs; /* another module that must be enabled where this is; may be NULL */
	size_t conf_size;
	const struct conf_option *options;
	size_t state_size;           /* of the state for each host and shard, zeroed */
	int (*start)(struct mod *m); /* may be NULL */
	void (*stop)(struct mod *m);
	/*
	 * Of the state at each session, zeroed; what it holds is given back in HOOK_ENDED.  And at
	 * each entity: a cache of its records, zeroed again, after entity_end, whenever the entity
	 * is evicted, its account is made or removed, or a write of it failed.
	 */
	size_t session_size, entity_size;
	void (*entity_end)(struct mod *m, void *state); /* may be NULL */
	/*
	 * Of the state at a session, what is to be there again when its stream is resumed after a
	 * restart of the server (XEP-0198): written after session_changed, nothing at all where it
	 * is as in a new session; read before any event of S.  LOAD returns what record_end does.
	 * Both or none.
	 */
	void (*session_save)(struct mod *m, struct session *s, struct record_writer *w);
	int (*session_load)(struct mod *m, struct session *s, struct record_reader *r);
	/*
	 * Of the module that sets archive_id: what it keeps under ID, as event.archived was, in the
	 * arena of EV; NULL: it is gone, or retracted.  For event_archived.
	 */
	const struct stanza *(*archived)(struct mod *m, struct event *ev, uint64_t id);
	/*
	 * For accounts that nobody uses, once in an hour: WANTS_CARE, on a reader thread, says whether
	 * there is anything to do, and may read of M what does not change while it runs, and
	 * mod_counted; then CARE runs there as by mod_visit, without data.  Both or none.
	 */
	bool (*wants_care)(const struct mod *m, struct store_reader *reader, struct jid account,
	                   uint64_t owner, int64_t wall_ms);
	mod_visit_fn *care;
	/*
	 * What the accounts of a host come to, those of other shards too: in each round of care CARE_COUNT
	 * adds that owner to COUNT, COUNT_SIZE bytes that were zeroed before, on a reader thread.  Once
	 * all were counted it is mod_counted until the next round is through.
	 */
	void (*care_count)(const struct mod *m, void *count, struct store_reader *reader,
	                   uint64_t owner);
	size_t count_size;
	const struct mod_iq *iqs;
	const struct mod_hook *hooks;
	/*
	 * May S, which the account of EV sends to somebody else, leave?  Asked for presence,
	 * messages and requests that modules make for the account just as for those of its
	 * sessions, which HOOK_SENT has seen: what may not goes nowhere, without a word.  NULL: yes.
	 */
	bool (*may_send)(struct mod *m, struct event *ev, const struct stanza *s);
	const struct mod_nonza *nonzas;
	const struct mod_node *nodes;            /* of accounts */
	const struct store_space *const *spaces; /* NULL-terminated */
	const char *const *features;             /* of the host, NULL-terminated */
	const char *const *account_features;     /* of accounts */
	bool (*has_feature)(const void *conf, const char *feature); /* NULL: all of them */
	const struct mod_identity *identities;                      /* of the host */
	const struct mod_identity *account_identities;
	const struct mod_stream_feature *stream_features;
	/*
	 * A form to add to the host's disco#info (XEP-0128), in ARENA; NULL: none.  Always the
	 * same: a hash of all that disco#info says is announced (XEP-0115).
	 */
	struct xml_node *(*disco_form)(struct mod *m, struct arena *arena);
	/* Its stream features are about passwords: only where host_keeps_passwords. */
	bool sets_passwords;
	const struct mod_service *service; /* may be NULL */
	/* An iq before authentication: true when it is taken, and then answered once. */
	bool (*early)(struct mod *m, struct early_iq *iq);
};

/*
 * A domain of the module's own, below the host: its names are what the module makes of them, such
 * as rooms, and those that it founds (event_found) have records.  There, besides this module, those
 * of WITH are enabled, for the functions that they offer: no hooks, no iqs.
 */
struct mod_service {
	const char *name;                       /* for people, as "Rooms" */
	const char *label;                      /* LABEL.HOST is the domain, */
	struct str (*domain)(const void *conf); /* unless this is not absent */
	const struct mod_def *const *with;      /* NULL-terminated; may be NULL */
	/* Every stanza to the domain or one of its names; the answer to an iq is its affair. */
	int (*received)(struct mod *m, struct event *ev);
};

#define MOD_FEATURES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define MOD_SPACES(...) ((const struct store_space *const[]){ __VA_ARGS__, NULL })

/* A module in a shared object has one symbol: its descriptor under this name. */
#define MOD_SYMBOL "jackdaw_module"
#define MOD_EXPORT(def) \
	__attribute__((visibility("default"))) const struct mod_def *const jackdaw_module = \
		&(def)

/* The domain of a service of the host, by the module that has it; absent: it is not enabled. */
struct str host_service_name(const struct host *h, const struct mod_def *def);
/*
 * The domains of all services of the host, and of components below its own: walk with *AT beginning at 0;
 * absent at the end.  *name_out is for people, and may be absent.
 */
struct str host_next_service(const struct host *h, size_t *at, struct str *name_out);
/*
 * At the domain of a service: what the host's own handler for the iq (TO_HOST) says, which looks at
 * nothing that differs between the two, such as the time; MOD_PASS: there is none.
 */
int event_as_host(struct event *ev);
/* The host that a service belongs to; H itself, if it is none. */
struct host *host_parent(struct host *h);
/* That module on the host; NULL: it is not enabled there. */
struct mod *host_module(struct host *h, const struct mod_def *def);
const void *mod_conf(const struct mod *m);
void *mod_state(const struct mod *m);
void *mod_session_state(const struct mod *m, struct session *s);
void *mod_entity_state(const struct mod *m, struct entity *e);
struct host *mod_host(const struct mod *m);
/* What care_count came to in the last round; NULL: none was through yet. */
const void *mod_counted(const struct mod *m);
struct core *mod_core(const struct mod *m);

/*
 * How often may each of many do something, counted on this shard: N times in PERIOD_MS, BURST
 * at once.  Keys are addresses or names; the memory is bounded.
 */
struct mod_rates;
struct mod_rates *mod_rates_new(struct mod *m, int64_t burst, int64_t n, int64_t period_ms);
void mod_rates_free(struct mod_rates **rates);
bool mod_rate_take(struct mod_rates *rates, struct str key);
