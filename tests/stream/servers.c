/*
 * servers.c - two servers and a puppet, for tests of s2s.h.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "tests/stream/servers.h"

#include "server/base/err.h"
#include "server/stream/s2s_private.h"
#include "xml/ns.h"
#include "xml/writer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const names[] = { "a.example", "b.example", "evil.example",
	                             "xn--bcher-kva.example" };

static const char *file_of(struct servers *w, const char *name, const char *ending)
{
	return arena_cstr(w->arena, arena_printf(w->arena, "%s/%s.%s", w->dir, name, ending));
}

/* One file with everybody's certificates: the authorities of who trusts. */
static void write_trust(struct servers *w)
{
	FILE *out = fopen(file_of(w, "all", "crt"), "w");

	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		FILE *in = fopen(file_of(w, names[i], "crt"), "r");
		char bytes[4096];
		size_t n;

		ck_assert_ptr_nonnull(in);
		while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
			ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
		fclose(in);
	}
	fclose(out);
}

struct servers *servers_open(void)
{
	struct servers *w = MEM_NEW(struct servers);

	w->arena = arena_new(4096);
	memcpy(w->dir, "/tmp/jackdaw-s2s-XXXXXX", sizeof("/tmp/jackdaw-s2s-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(w->dir));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str name = str_of(names[i]);

		ck_assert_int_eq(tls_make_self_signed(&name, 1, file_of(w, names[i], "crt"),
		                                      file_of(w, names[i], "key")),
		                 0);
	}
	write_trust(w);
	ck_assert_int_eq(shard_group_open(SERVERS_SHARDS, &w->group), 0);
	for (unsigned i = 0; i < SERVERS_SHARDS; i++) {
		w->shards[i] = shard_group_at(w->group, i);
		stream_env_init(&w->streams[i], w->shards[i]);
	}
	servers_turn(w);
	return w;
}

static void remove_files(struct servers *w)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unlink(file_of(w, names[i], "crt"));
		unlink(file_of(w, names[i], "key"));
	}
	unlink(file_of(w, "all", "crt"));
	rmdir(w->dir);
}

static bool is_quiet(const struct server *server)
{
	for (unsigned i = 0; i < server->n; i++)
		if (server->envs[i].n_all > 0)
			return false;
	return true;
}

static void server_free(struct server *server)
{
	for (unsigned i = 0; i < server->n; i++) {
		s2s_env_shutdown(&server->envs[i], STREAM_SYSTEM_SHUTDOWN);
	}
	servers_until(server->world, is_quiet(server));
	for (unsigned i = 0; i < server->n; i++)
		s2s_env_deinit(&server->envs[i]);
	tls_server_unref(&server->tls);
	buf_deinit(&server->told);
	free(server);
}

void servers_close(struct servers **world)
{
	struct servers *w = *world;

	*world = NULL;
	while (w->all != NULL) {
		struct server *server = w->all;

		w->all = server->next;
		server_free(server);
	}
	shard_group_stop(w->group, NULL, NULL);
	for (unsigned i = 0; i < SERVERS_SHARDS; i++)
		stream_env_deinit(&w->streams[i]);
	shard_group_close(&w->group);
	remove_files(w);
	arena_free(&w->arena);
	free(w);
}

void servers_turn(struct servers *w)
{
	for (unsigned i = 0; i < SERVERS_SHARDS; i++)
		shard_run_here(w->shards[i], 0);
}

/* ---- the upper layer ---- */

static struct server *server_of(struct s2s *s)
{
	return s2s_env_of(s)->owner;
}

static bool serves(struct s2s_env *env, struct str domain)
{
	const struct server *server = env->owner;

	return str_is(domain, server->name);
}

static struct s2s_policy policy(struct s2s_env *env, struct str local, struct str remote)
{
	const struct server *server = env->owner;

	ck_assert(str_is(local, server->name) && remote.n > 0);
	return server->policy;
}

/* Each has one, called irc., whose secret is the server's name. */
static bool component(struct s2s_env *env, struct str domain, struct s2s_component *out)
{
	const struct server *server = env->owner;

	if (!str_starts_with(domain, STR("irc.")) ||
	    !str_is(str_slice(domain, 4, domain.n), server->name))
		return false;
	out->secret = str_of(server->name);
	out->bytes = server->limits.bytes;
	return true;
}

/* A stream changes its shard: the message carries it. */
struct move {
	struct shard_msg msg;
	struct server *server;
	uint64_t number;
	struct s2s *s;
	struct transport_parcel *parcel;
};

static void move_arrive(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);

	s2s_unpack(m->s, &m->server->envs[1], &m->parcel);
	free(m);
}

static void move_leave(struct shard *here, struct shard_msg *msg)
{
	struct move *m = CONTAINER_OF(msg, struct move, msg);
	struct server *server = m->server;

	m->s = s2s_find(&server->envs[0], m->number);
	if (m->s == NULL || s2s_is_over(m->s)) {
		free(m);
		return;
	}
	m->parcel = s2s_pack(m->s);
	m->msg.run = move_arrive;
	shard_post(here, server->world->shards[server->first + 1], &m->msg);
}

static bool claims(struct s2s *s, struct str remote)
{
	struct server *server = server_of(s);
	struct shard *here = server->world->shards[server->first];
	struct move *m;

	buf_printf(&server->told, "claims " STR_FMT "\n", STR_ARG(remote));
	if (!server->moves)
		return true;
	m = MEM_NEW(struct move);
	m->server = server;
	m->number = s2s_number(s);
	m->msg.run = move_leave;
	shard_post(here, here, &m->msg);
	return false;
}

static void verify(struct s2s *s, struct str local, struct str remote, struct str id,
                   struct str key)
{
	struct server *server = server_of(s);

	buf_printf(&server->told, "verify " STR_FMT "\n", STR_ARG(key));
	switch (server->verify) {
	case VERIFY_REALLY:
		server->waiting = s2s_number(s);
		ck_assert_int_eq(s2s_ask(server_connect(server, server->other, false), local,
		                         remote, id, key),
		                 0);
		break;
	case VERIFY_VALID:
		s2s_verified(s, local, remote, S2S_VALID);
		break;
	case VERIFY_INVALID:
		s2s_verified(s, local, remote, S2S_INVALID);
		break;
	case VERIFY_UNREACHABLE:
		s2s_verified(s, local, remote, S2S_UNREACHABLE);
		break;
	case VERIFY_NEVER:
		break;
	}
}

static void authenticated(struct s2s *s, struct str local, struct str remote,
                          enum s2s_proof proof)
{
	buf_printf(&server_of(s)->told, "authenticated " STR_FMT " " STR_FMT " %s\n",
	           STR_ARG(local), STR_ARG(remote),
	           proof == S2S_HANDSHAKE     ? "handshake"
	           : proof == S2S_CERTIFICATE ? "certificate"
	                                      : "dialback");
	ck_assert(s2s_admits(s, local, remote));
}

static void ready(struct s2s *s)
{
	buf_printf(&server_of(s)->told, "ready\n");
	ck_assert(s2s_is_ready(s));
}

static void answered(struct s2s *s, struct str local, struct str remote, struct str id,
                     bool valid)
{
	struct server *server = server_of(s);

	buf_printf(&server->told, "answered %s\n", valid ? "valid" : "invalid");
	for (unsigned i = 0; i < server->n; i++) {
		struct s2s *waiting = s2s_find(&server->envs[i], server->waiting);

		if (waiting != NULL)
			s2s_verified(waiting, local, remote, valid ? S2S_VALID : S2S_INVALID);
	}
}

static void element(struct s2s *s, struct arena *arena, struct xml_node *node)
{
	buf_printf(&server_of(s)->told, "element " STR_FMT "\n",
	           STR_ARG(xml_print(arena, node)));
	arena_free(&arena);
}

static void gone(struct s2s *s, const char *why)
{
	struct server *server = server_of(s);

	server->n_gone++;
	buf_printf(&server->told, "gone %s\n", why == NULL ? "in peace" : why);
}

static const struct s2s_ops ops = {
	.serves = serves,
	.policy = policy,
	.component = component,
	.claims = claims,
	.verify = verify,
	.authenticated = authenticated,
	.ready = ready,
	.answered = answered,
	.element = element,
	.gone = gone,
};

/* ---- servers ---- */

static struct tls_server *make_tls(struct servers *w, const char *name, bool trusts)
{
	const struct tls_host host = {
		.name = str_of(name),
		.certificate_file = file_of(w, name, "crt"),
		.key_file = file_of(w, name, "key"),
	};
	const struct tls_config config = {
		.hosts = &host,
		.n_hosts = 1,
		.alpn = STR("xmpp-server"),
		.federates = true,
		.trust_file = file_of(w, trusts ? "all" : name, "crt"),
	};
	struct tls_server *tls = NULL;
	struct str problem = STR_NONE;

	ck_assert_msg(tls_server_new(&config, w->arena, &tls, &problem) == 0,
	              "no TLS server: " STR_FMT, STR_ARG(problem));
	return tls;
}

struct server *server_new(struct servers *w, const char *name, unsigned first, unsigned n,
                          bool trusts)
{
	struct server *server = MEM_NEW(struct server);
	struct str ascii;

	ck_assert_int_eq(jid_domain_ascii(w->arena, str_of(name), &ascii), 0);
	server->world = w;
	server->name = name;
	server->first = first;
	server->n = n;
	server->policy.dialback = true;
	server->limits = (struct stream_limits){
		.before = xml_limits_default,
		.after = xml_limits_default,
		.stage_ms = SECONDS(60),
		.login_ms = SECONDS(60),
		.out_bytes = (size_t)KIB(256),
		.per_address = 100,
		.bytes = { .burst = MIB(10), .per_second = MIB(10) * 1000 },
	};
	server->limits.before.element_bytes = (size_t)KIB(10);
	server->tls = make_tls(w, arena_cstr(w->arena, ascii), trusts);
	for (unsigned i = 0; i < n; i++) {
		struct s2s_env *env = &server->envs[i];

		s2s_env_init(env, w->shards[first + i], &w->streams[first + i], &ops, server);
		env->limits = &server->limits;
		env->tls = server->tls;
		env->secret = name;
		env->bidi = true;
	}
	server->next = w->all;
	w->all = server;
	return server;
}

static void make_pair(int fds[2])
{
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

struct s2s *server_connect(struct server *a, struct server *b, bool direct)
{
	const struct s2s_target target = {
		.local = str_of(a->name),
		.remote = str_of(b->name),
		.direct_tls = direct,
	};
	int fds[2];

	make_pair(fds);
	s2s_accept(&b->envs[0], fds[1], direct);
	return s2s_open(&a->envs[0], fds[0], &target, a);
}

struct s2s *server_incoming(struct server *b)
{
	struct s2s *s, *found = NULL;

	for (unsigned i = 0; i < b->n; i++)
		TAILQ_FOREACH(s, &b->envs[i].all, link)
			if (!s2s_is_outgoing(s))
				found = s;
	return found;
}

bool server_told(const struct server *server, const char *line)
{
	struct str told = buf_str(&server->told);
	size_t n = strlen(line);

	for (size_t i = 0; i + n <= told.n; i++)
		if (memcmp(told.p + i, line, n) == 0 && (i == 0 || told.p[i - 1] == '\n'))
			return true;
	return false;
}

/* ---- puppets ---- */

static void puppet_on_header(void *owner, const struct stream_header *h)
{
	struct puppet *p = owner;

	buf_printf(&p->got, "<stream from='" STR_FMT "' to='" STR_FMT "'>\n", STR_ARG(h->from),
	           STR_ARG(h->to));
}

static void puppet_on_element(void *owner, struct arena *arena, struct xml_node *node)
{
	struct puppet *p = owner;

	buf_printf(&p->got, STR_FMT "\n", STR_ARG(xml_print(arena, node)));
	if (p->accepts ? xml_is(node, NS_TLS, "starttls") : xml_is(node, NS_TLS, "proceed")) {
		stream_discard(p->stream);
		if (p->accepts)
			puppet_say(p, "<proceed xmlns='" NS_TLS "'/>");
		stream_restart(p->stream);
		if (p->accepts)
			stream_start_tls(p->stream, p->tls, STR_NONE);
		else
			stream_start_tls_client(p->stream, p->tls, STR_NONE, STR("b.example"),
			                        false);
	} else if (xml_is(node, NS_SASL, "success")) {
		stream_restart(p->stream);
	}
	arena_free(&arena);
}

static void puppet_on_secure(void *owner)
{
	struct puppet *p = owner;

	buf_printf(&p->got, "<secure/>\n");
}

static void puppet_on_bytes(void *owner, size_t n)
{
	struct puppet *p = owner;

	p->n_bytes += n;
}

static void puppet_on_close(void *owner)
{
	struct puppet *p = owner;

	buf_printf(&p->got, "</stream>\n");
	stream_close(p->stream);
}

static void puppet_on_over(void *owner)
{
	struct puppet *p = owner;

	p->over = true;
	stream_free(&p->stream);
}

static const struct stream_ops puppet_ops = {
	.on_header = puppet_on_header,
	.on_element = puppet_on_element,
	.on_secure = puppet_on_secure,
	.on_bytes = puppet_on_bytes,
	.on_close = puppet_on_close,
	.on_over = puppet_on_over,
};

static struct puppet *puppet_new(struct servers *w, const char *name, int fd, bool accepts)
{
	struct puppet *p = MEM_NEW(struct puppet);

	p->world = w;
	p->accepts = accepts;
	p->tls = make_tls(w, name, false);
	ck_assert_int_eq(
		stream_accept(&w->streams[0], fd, NS_SERVER, &puppet_ops, p, &p->stream), 0);
	return p;
}

struct puppet *puppet_connect(struct server *b, const char *name)
{
	int fds[2];

	make_pair(fds);
	s2s_accept(&b->envs[0], fds[1], false);
	return puppet_new(b->world, name, fds[0], false);
}

struct puppet *puppet_accept(struct server *a, const char *name, struct s2s **s_out)
{
	const struct s2s_target target = {
		.local = str_of(a->name),
		.remote = str_of(name),
	};
	int fds[2];

	make_pair(fds);
	*s_out = s2s_open(&a->envs[0], fds[0], &target, a);
	return puppet_new(a->world, name, fds[1], true);
}

void puppet_free(struct puppet **pp)
{
	struct puppet *p = *pp;

	*pp = NULL;
	stream_free(&p->stream);
	tls_server_unref(&p->tls);
	buf_deinit(&p->got);
	free(p);
}

void puppet_say(struct puppet *p, const char *xml)
{
	if (!p->over)
		buf_append(stream_out(p->stream), str_of(xml));
}

void puppet_header(struct puppet *p, const char *from, const char *to)
{
	stream_open(p->stream, str_of(from), str_of(to), STR_NONE, STR_NONE);
}

void puppet_tls(struct puppet *p, const char *from, const char *to)
{
	puppet_header(p, from, to);
	servers_until(p->world, puppet_got(p, "</stream:features>"));
	puppet_say(p, "<starttls xmlns='" NS_TLS "'/>");
	servers_until(p->world, puppet_got(p, "<secure/>"));
	buf_clear(&p->got);
	puppet_header(p, from, to);
	servers_until(p->world, puppet_got(p, "</stream:features>") || p->over);
}

bool puppet_got(const struct puppet *p, const char *text)
{
	return p->got.n > 0 && memmem(p->got.p, p->got.n, text, strlen(text)) != NULL;
}
