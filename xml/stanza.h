/*
 * stanza.h - message, presence and iq: the header that routing needs, over a payload that is
 * never copied.
 *
 * A stanza is immutable once routed.  To send it on under another address, make a small new
 * header over the same node (stanza_readdress).  Content is either NODE's children, or INNER:
 * the children already serialised, shared by all who receive them.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#pragma once

#include "server/base/buf.h"
#include "server/base/shared.h"
#include "xml/jid.h"
#include "xml/node.h"

enum stanza_kind {
	STANZA_MESSAGE,
	STANZA_PRESENCE,
	STANZA_IQ,
};

enum stanza_type {
	TYPE_NORMAL, /* message without type, or an unknown one (RFC 6121 §5.2.2) */
	TYPE_CHAT,
	TYPE_GROUPCHAT,
	TYPE_HEADLINE,
	TYPE_AVAILABLE, /* presence without type */
	TYPE_UNAVAILABLE,
	TYPE_SUBSCRIBE,
	TYPE_SUBSCRIBED,
	TYPE_UNSUBSCRIBE,
	TYPE_UNSUBSCRIBED,
	TYPE_PROBE,
	TYPE_GET,
	TYPE_SET,
	TYPE_RESULT,
	TYPE_ERROR, /* of any kind */
};

struct stanza {
	enum stanza_kind kind;
	enum stanza_type type;
	struct jid from, to;         /* JID_NONE when absent */
	struct str id, lang;         /* absent when not given */
	const struct xml_node *node; /* the element itself: its children are the payload; NULL
	                                when INNER is all there is */
	struct shared_buf *inner;    /* borrowed; NULL: serialise NODE */
};

/* RFC 6120 §8.3.3, each with its type (§8.3.2) and legacy code. */
enum stanza_error {
	STANZA_BAD_REQUEST,
	STANZA_CONFLICT,
	STANZA_FEATURE_NOT_IMPLEMENTED,
	STANZA_FORBIDDEN,
	STANZA_GONE,
	STANZA_INTERNAL_SERVER_ERROR,
	STANZA_ITEM_NOT_FOUND,
	STANZA_JID_MALFORMED,
	STANZA_NOT_ACCEPTABLE,
	STANZA_NOT_ALLOWED,
	STANZA_NOT_AUTHORIZED,
	STANZA_POLICY_VIOLATION,
	STANZA_RECIPIENT_UNAVAILABLE,
	STANZA_REDIRECT,
	STANZA_REGISTRATION_REQUIRED,
	STANZA_REMOTE_SERVER_NOT_FOUND,
	STANZA_REMOTE_SERVER_TIMEOUT,
	STANZA_RESOURCE_CONSTRAINT,
	STANZA_SERVICE_UNAVAILABLE,
	STANZA_SUBSCRIPTION_REQUIRED,
	STANZA_UNDEFINED_CONDITION,
	STANZA_UNEXPECTED_REQUEST,
};

enum stanza_parse {
	STANZA_PARSED,
	STANZA_PARSE_UNKNOWN,  /* not a message, presence or iq: a stream error */
	STANZA_PARSE_BAD_TYPE, /* iq without or with an unknown type, presence of unknown type:
	                          bad-request */
	STANZA_PARSE_BAD_FROM, /* no address by jid.h */
	STANZA_PARSE_BAD_TO,   /* jid-malformed */
	STANZA_PARSE_BAD_IQ,   /* get or set without id, or without exactly one child element
	                          (§8.2.3): bad-request */
};
/*
 * Read the header off NODE (in the namespace NS_CLIENT or NS_SERVER).  All but UNKNOWN fill
 * what can be filled, so that an error can be sent.
 */
enum stanza_parse stanza_parse(struct arena *arena, const struct xml_node *node,
                               struct stanza *s_out);

/* Build. */
struct stanza *stanza_new(struct arena *arena, enum stanza_kind kind, enum stanza_type type);
/* The element to add payload to (for stanzas from stanza_new and its relatives). */
struct xml_node *stanza_node(struct stanza *s);
/* from and to exchanged, id kept, type result, empty. */
struct stanza *stanza_result(struct arena *arena, const struct stanza *request);
/*
 * The error for S: from and to exchanged, id kept, <error/> with condition, its usual type and
 * optional TEXT, last of its children.  Of S's own content the first body of a message alone is
 * sent back: the rest may hold a password, and errors must not amplify.  APP: an
 * application-specific condition element to add, or NULL.  NULL when S is an error or iq result
 * itself (§8.3.1: never answered).
 */
struct stanza *stanza_error_reply(struct arena *arena, const struct stanza *s,
                                  enum stanza_error condition, const char *text,
                                  struct xml_node *app);
/* The same stanza with other addresses: a new header over the same content. */
struct stanza *stanza_readdress(struct arena *arena, const struct stanza *s, struct jid from,
                                struct jid to);
/*
 * All strings, addresses and content copied to ARENA (INNER is taken by reference: caller keeps
 * it alive).
 */
struct stanza *stanza_copy(struct arena *arena, const struct stanza *s);

/*
 * Serialise into OUT, for a stream whose default namespace is NS (NS_CLIENT): elements of the
 * other stanza namespace become NS.
 */
void stanza_write(struct buf *out, const struct stanza *s, const char *ns);
/* What that wrote for NS_CLIENT, read back; NULL when it cannot be. */
struct stanza *stanza_read(struct arena *arena, struct str text);
/*
 * A copy whose content is a tree again, where it was shared.  NULL when it cannot be read, which
 * stanza_share does not make.
 */
struct stanza *stanza_unshare(struct arena *arena, const struct stanza *s);
/*
 * The element as it would be written, to stand inside of another (XEP-0297): the header's
 * attributes over S's own children, which it shares.  S has a node.
 */
struct xml_node *stanza_element(struct arena *arena, const struct stanza *s);
/* The children alone, for sharing: what stanza_write writes between the tags. */
struct shared_buf *stanza_share(const struct stanza *s, const char *ns);

/* The only child element of an iq get or set; NULL otherwise. */
const struct xml_node *stanza_payload(const struct stanza *s);
bool stanza_is_request(const struct stanza *s); /* iq get or set */
/* presence subscribe, subscribed, unsubscribe or unsubscribed (RFC 6121 §3) */
bool stanza_is_subscription(const struct stanza *s);
const char *stanza_kind_name(enum stanza_kind kind);
const char *
stanza_type_name(enum stanza_type type); /* NULL for the two that are written as no attribute */
const char *stanza_error_name(enum stanza_error condition);
