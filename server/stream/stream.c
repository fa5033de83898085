/*
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/stream/stream.h"

#include "server/base/mem.h"
#include "server/base/rand.h"
#include "server/shard/timer.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <stdlib.h>
#include <string.h>

/* For the peer's </stream:stream>, and for our last bytes to leave. */
#define CLOSE_WAIT_MS SECONDS(5)
#define STOP_WAIT_MS SECONDS(1) /* while the server stops */

struct stream {
	struct stream_env *env;
	struct transport *transport;
	struct xml_stream *xml;
	const char *ns;
	const struct stream_ops *ops;
	void *owner;
	struct stream *next_over;
	struct timer close_timer;
	size_t put_back;      /* bytes that the transport will give again */
	unsigned holds;       /* stream_hold's that no stream_go has ended */
	bool opened : 1;      /* our header is out */
	bool closing : 1;     /* our end tag is out */
	bool peer_closed : 1; /* the peer's came */
	bool over : 1;
	bool slowed : 1;
	bool discard : 1;
	bool feeding : 1; /* inside xml_stream_feed */
};

/* ---- the end ---- */

/* Told from the turn hook, so that no owner is called back from inside its own call. */
static void be_over(struct stream *s, int64_t linger_ms)
{
	if (s->over)
		return;
	s->over = true;
	timer_stop(s->env->shard, &s->close_timer);
	if (shard_is_stopping(s->env->shard) && linger_ms > STOP_WAIT_MS)
		linger_ms = STOP_WAIT_MS;
	if (s->feeding)
		xml_stream_pause(s->xml);
	transport_close(&s->transport, linger_ms);
	s->next_over = s->env->over;
	s->env->over = s;
	shard_turn_again(s->env->shard); /* a hook behind ours may have found the end */
}

static void on_turn(struct shard *here, struct shard_turn *turn)
{
	struct stream_env *env = CONTAINER_OF(turn, struct stream_env, turn);

	while (env->over != NULL) {
		struct stream *s = env->over;

		env->over = s->next_over;
		s->ops->on_over(s->owner);
	}
}

static void on_close_due(struct shard *here, struct timer *t)
{
	be_over(CONTAINER_OF(t, struct stream, close_timer), 0);
}

static void write_error(struct buf *out, enum stream_error condition, const char *text,
                        struct str app)
{
	buf_append(out, STR("<stream:error><"));
	buf_append(out, str_of(stream_error_name(condition)));
	buf_append(out, STR(" xmlns='" NS_STREAM_ERROR "'/>"));
	if (text != NULL) {
		buf_append(out, STR("<text xmlns='" NS_STREAM_ERROR "' xml:lang='en'>"));
		xml_write_text(out, str_of(text));
		buf_append(out, STR("</text>"));
	}
	buf_append(out, app);
	buf_append(out, STR("</stream:error>"));
}

/*
 * §4.9.1.2: an error needs an opened stream, and the header that opens it has an id (§4.7.3),
 * and a from where it is known already.
 */
static void open_to_fail(struct stream *s)
{
	struct arena *arena = arena_new(64);
	struct str host = s->ops->host == NULL ? STR_NONE : s->ops->host(s->owner);

	stream_open(s, host, STR_NONE, rand_token(arena, STREAM_ID_BYTES), STR("en"));
	arena_free(&arena);
}

void stream_fail_with(struct stream *s, enum stream_error condition, const char *text,
                      struct str app)
{
	if (s->over)
		return;
	if (!s->closing) {
		if (!s->opened)
			open_to_fail(s);
		write_error(stream_out(s), condition, text, app);
		buf_append(stream_out(s), STR("</stream:stream>"));
	}
	be_over(s, CLOSE_WAIT_MS);
}

void stream_fail(struct stream *s, enum stream_error condition, const char *text)
{
	stream_fail_with(s, condition, text, STR_NONE);
}

void stream_leave(struct stream *s)
{
	be_over(s, CLOSE_WAIT_MS);
}

void stream_drop(struct stream *s)
{
	be_over(s, 0);
}

void stream_close(struct stream *s)
{
	if (s->over || s->closing)
		return;
	s->closing = true;
	if (!s->opened) {
		be_over(s, 0);
		return;
	}
	buf_append(stream_out(s), STR("</stream:stream>"));
	if (s->peer_closed)
		be_over(s, CLOSE_WAIT_MS);
	else
		timer_start(s->env->shard, &s->close_timer, CLOSE_WAIT_MS);
}

/*
 * §4.4: the answer in kind is the owner's to give, unless this is the answer.  Nothing is read
 * any more.
 */
static void on_peer_closed(struct stream *s)
{
	if (s->over)
		return;
	s->peer_closed = true;
	if (s->closing) {
		be_over(s, CLOSE_WAIT_MS);
		return;
	}
	transport_pause(s->transport);
	timer_start(s->env->shard, &s->close_timer, CLOSE_WAIT_MS);
	s->ops->on_close(s->owner);
}

/* ---- reading ---- */

static void fail_parse(struct stream *s, enum xml_result result)
{
	switch (result) {
	case XML_READ_RESTRICTED:
		stream_fail(s, STREAM_RESTRICTED_XML, NULL);
		break;
	case XML_READ_BAD_FORMAT:
		stream_fail(s, STREAM_BAD_FORMAT, "text between elements");
		break;
	case XML_READ_ENCODING:
		stream_fail(s, STREAM_UNSUPPORTED_ENCODING, "UTF-8 is the encoding of XMPP");
		break;
	case XML_READ_BAD_PREFIX:
		stream_fail(s, STREAM_BAD_NAMESPACE_PREFIX, NULL);
		break;
	case XML_READ_LIMIT:
		stream_fail(s, STREAM_POLICY_VIOLATION,
		            "too large, too deep or too many parts");
		break;
	default:
		stream_fail(s, STREAM_NOT_WELL_FORMED, NULL);
		break;
	}
}

/*
 * How many of BYTES were taken.  An answer may come while an element is being handled, so a
 * pause may be over already.
 */
static size_t feed(struct stream *s, struct str bytes, enum xml_result *result)
{
	size_t used = 0, n;

	s->feeding = true;
	do {
		*result = xml_stream_feed(s->xml, str_slice(bytes, used, bytes.n), &n);
		used += n;
	} while (*result == XML_READ_PAUSED && s->holds == 0 && !s->over && !s->discard &&
	         used < bytes.n);
	s->feeding = false;
	return used;
}

static void put_back(struct stream *s, struct str bytes)
{
	s->put_back += bytes.n;
	transport_unread(s->transport, bytes);
}

/* What was put back comes again before anything newer, and was counted. */
static void count_bytes(struct stream *s, size_t n)
{
	size_t old = n < s->put_back ? n : s->put_back;

	s->put_back -= old;
	if (n > old)
		s->ops->on_bytes(s->owner, n - old);
}

static void on_data(void *owner, struct str bytes)
{
	struct stream *s = owner;
	enum xml_result result;
	size_t used;

	count_bytes(s, bytes.n);
	if (s->over)
		return;
	if (s->holds > 0) {
		put_back(s, bytes);
		return;
	}
	used = feed(s, bytes, &result);
	if (s->over)
		return;
	if (result == XML_READ_CLOSED)
		on_peer_closed(s);
	else if (result > XML_READ_CLOSED)
		fail_parse(s, result);
	else if (used < bytes.n && !s->discard)
		put_back(s, str_slice(bytes, used, bytes.n));
	s->discard = false;
}

static void on_secure(void *owner)
{
	struct stream *s = owner;

	s->ops->on_secure(s->owner);
}

static void on_drain(void *owner)
{
}

static void on_end(void *owner, int err)
{
	be_over(owner, err == 0 ? CLOSE_WAIT_MS : 0);
}

static const struct transport_ops transport_ops = {
	.on_data = on_data,
	.on_secure = on_secure,
	.on_drain = on_drain,
	.on_end = on_end,
};

/* §4.9.3: which namespace faults are told apart. */
static bool header_is_right(struct stream *s, const struct xml_node *header,
                            struct str default_ns)
{
	if (!xml_in_ns(header, NS_STREAM)) {
		stream_fail(s, STREAM_INVALID_NAMESPACE, NULL);
		return false;
	}
	if (!str_is(header->name, "stream")) {
		stream_fail(s, STREAM_BAD_FORMAT, NULL);
		return false;
	}
	if (!str_is(default_ns, s->ns)) {
		stream_fail(s, STREAM_INVALID_NAMESPACE, NULL);
		return false;
	}
	return true;
}

/* §4.7.5: MAJOR.MINOR, each a number; anything of 1.0 or above is ours to speak. */
static bool version_is_1(struct str version)
{
	struct str rest = version, major = str_cut(&rest, '.');
	uint64_t major_n, minor_n;

	return str_to_u64(major, &major_n) == 0 && str_to_u64(rest, &minor_n) == 0 &&
	       major_n >= 1;
}

static void on_open(void *owner, const struct xml_node *header, struct str default_ns)
{
	struct stream *s = owner;
	struct stream_header h = {
		.to = xml_attr(header, "to"),
		.from = xml_attr(header, "from"),
		.id = xml_attr(header, "id"),
		.lang = xml_attr_ns(header, NS_XML, "lang"),
		.has_version = version_is_1(xml_attr(header, "version")),
	};

	if (!s->over && header_is_right(s, header, default_ns))
		s->ops->on_header(s->owner, &h);
}

static void on_element(void *owner, struct arena *arena, struct xml_node *element)
{
	struct stream *s = owner;

	if (s->over || s->closing) /* our end tag is out: nothing can be answered */
		arena_free(&arena);
	else
		s->ops->on_element(s->owner, arena, element);
}

static const struct xml_stream_ops xml_ops = {
	.on_open = on_open,
	.on_element = on_element,
};

/* ---- life ---- */

void stream_env_init(struct stream_env *env, struct shard *shard)
{
	*env = (struct stream_env){ .shard = shard, .pool = xml_pool_new() };
	env->turn.on_turn = on_turn;
	shard_turn_add(shard, &env->turn);
}

void stream_env_deinit(struct stream_env *env)
{
	xml_pool_free(&env->pool);
}

int stream_accept(struct stream_env *env, int fd, const char *ns, const struct stream_ops *ops,
                  void *owner, struct stream **s_out)
{
	struct stream *s = mem_zalloc(sizeof(*s));
	int err;

	s->env = env;
	s->ns = ns;
	s->ops = ops;
	s->owner = owner;
	timer_init(&s->close_timer, on_close_due);
	err = transport_open(env->shard, fd, &transport_ops, s, &s->transport);
	if (err < 0) {
		free(s);
		return err;
	}
	s->xml = xml_stream_new(env->pool, &xml_ops, s);
	*s_out = s;
	return 0;
}

static void forget_over(struct stream *s)
{
	struct stream **at = &s->env->over;

	while (*at != NULL && *at != s)
		at = &(*at)->next_over;
	if (*at == s)
		*at = s->next_over;
}

void stream_free(struct stream **sp)
{
	struct stream *s = *sp;

	if (s == NULL)
		return;
	ASSERT(!s->feeding);
	timer_stop(s->env->shard, &s->close_timer);
	if (s->transport != NULL)
		transport_close(&s->transport, 0);
	forget_over(s);
	xml_stream_free(&s->xml);
	free(s);
	*sp = NULL;
}

/* ---- writing ---- */

void stream_open(struct stream *s, struct str from, struct str to, struct str id,
                 struct str lang)
{
	struct buf *out = stream_out(s);

	if (out == NULL)
		return;
	buf_append(out, STR("<?xml version='1.0'?><stream:stream xmlns='"));
	buf_append(out, str_of(s->ns));
	buf_append(out, STR("' xmlns:stream='" NS_STREAM "'"));
	if (strcmp(s->ns, NS_SERVER) == 0)
		buf_append(out, STR(" xmlns:db='" NS_DIALBACK "'"));
	xml_write_attr(out, "id", id);
	xml_write_attr(out, "from", from);
	xml_write_attr(out, "to", to);
	if (strcmp(s->ns, NS_COMPONENT) != 0)
		xml_write_attr(out, "version", STR("1.0"));
	xml_write_attr(out, "xml:lang", lang);
	buf_append_byte(out, '>');
	s->opened = true;
}

struct buf *stream_out(struct stream *s)
{
	return s->over ? NULL : transport_out(s->transport);
}

void stream_restart(struct stream *s)
{
	s->opened = false;
	xml_stream_restart(s->xml);
}

void stream_start_tls(struct stream *s, struct tls_server *tls, struct str host)
{
	if (s->over)
		return;
	s->put_back = 0;
	transport_start_tls(s->transport, tls, host);
}

void stream_start_tls_client(struct stream *s, struct tls_server *tls, struct str host,
                             struct str name, bool direct)
{
	if (s->over)
		return;
	s->put_back = 0;
	transport_start_tls_client(s->transport, tls, host, name, direct);
}

void stream_set_limits(struct stream *s, const struct xml_limits *limits)
{
	xml_stream_set_limits(s->xml, limits);
}

/* ---- holding ---- */

static void read_on(struct stream *s)
{
	if (s->holds == 0 && !s->slowed && !s->peer_closed)
		transport_resume(s->transport);
}

void stream_hold(struct stream *s)
{
	if (s->over)
		return;
	s->holds++;
	if (s->feeding)
		xml_stream_pause(s->xml);
	transport_pause(s->transport);
}

void stream_go(struct stream *s)
{
	if (s->over)
		return;
	ASSERT(s->holds > 0);
	s->holds--;
	read_on(s);
}

void stream_slow(struct stream *s, bool slow)
{
	if (s->over)
		return;
	s->slowed = slow;
	if (slow)
		transport_pause(s->transport);
	else
		read_on(s);
}

void stream_discard(struct stream *s)
{
	s->discard = true;
	if (s->feeding)
		xml_stream_pause(s->xml);
}

bool stream_is_over(const struct stream *s)
{
	return s->over || s->closing;
}

struct transport *stream_transport(struct stream *s)
{
	return s->transport;
}

/* ---- moving ---- */

struct transport_parcel *stream_pack(struct stream *s)
{
	ASSERT(!s->over && !s->feeding);
	timer_stop(s->env->shard, &s->close_timer);
	return transport_pack(&s->transport);
}

void stream_abandon(struct stream **sp)
{
	xml_stream_free(&(*sp)->xml);
	free(*sp);
	*sp = NULL;
}

int stream_unpack(struct stream *s, struct stream_env *env, struct transport_parcel **parcel,
                  void *owner)
{
	int err;

	s->env = env;
	s->owner = owner;
	s->slowed = false;
	xml_stream_move(s->xml, env->pool, s);
	err = transport_unpack(env->shard, parcel, &transport_ops, s, &s->transport);
	if (err < 0)
		s->over = true;
	return err;
}
