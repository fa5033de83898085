/*
 * fuzz_s2s.c - a stream between servers, in either role, from the peer's first words under TLS on.
 *
 * The first line of an input says how it is met, by words in any order; what follows comes from the peer.  There is no
 * TLS: the stream is told that it has it.
 *
 *     out          it has connected (s2s_open); else it was accepted, and the header of a.example has come
 *     certified    the peer's certificate is one of its domain
 *     dialback     the policy takes dialback
 *     valid invalid unreachable    what a verdict will be; none of them: it comes at the end, and is valid
 *
 *  - Nothing is authenticated without a certificate or a verdict, and no other pair than the one that was asked for.
 *  - Stanzas pass on streams alone that something is authenticated for, or (outgoing) that agreed on both directions.
 *  - Only what was asked is answered, once.  A stream becomes ready once, and is gone once.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/hash.h"
#include "server/stream/s2s_private.h"
#include "tests/fuzz/fuzz.h"
#include "xml/ns.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER \
	"<stream:stream xmlns='jabber:server' xmlns:stream='" NS_STREAM \
	"' xmlns:db='" NS_DIALBACK "' from='a.example' to='b.example' version='1.0'>"
#define VERDICTS_MAX 256
#define QUESTIONS 3

/* One input. */
struct trial {
	bool out, certified, dialback, later;
	enum s2s_verdict verdict;
	struct arena *arena;
	struct str asked[VERDICTS_MAX]; /* remote domains, by ops->verify */
	size_t n_asked;
	unsigned n_authenticated, n_ready, n_answered, n_gone;
};

static struct trial *trial_of(struct s2s *s)
{
	return s2s_env_of(s)->owner;
}

static bool serves(struct s2s_env *env, struct str domain)
{
	return str_is(domain, "b.example") || str_is(domain, "c.example");
}

static struct s2s_policy policy(struct s2s_env *env, struct str local, struct str remote)
{
	const struct trial *t = env->owner;

	return (struct s2s_policy){
		.dialback = t->dialback,
		.refused = str_is(remote, "refused.example"),
	};
}

static bool claims(struct s2s *s, struct str remote)
{
	ASSERT(!s2s_is_outgoing(s) && remote.n > 0);
	return true;
}

static void verify(struct s2s *s, struct str local, struct str remote, struct str id,
                   struct str key)
{
	struct trial *t = trial_of(s);

	ASSERT(t->dialback && serves(s2s_env_of(s), local) && id.n > 0 && key.n > 0);
	ASSERT(!s2s_admits(s, local, remote));
	ASSERT(t->n_asked < VERDICTS_MAX);
	t->asked[t->n_asked++] =
		arena_printf(t->arena, STR_FMT " " STR_FMT, STR_ARG(local), STR_ARG(remote));
	if (!t->later)
		s2s_verified(s, local, remote, t->verdict);
}

static bool was_asked(const struct trial *t, struct str local, struct str remote)
{
	struct str pair =
		arena_printf(t->arena, STR_FMT " " STR_FMT, STR_ARG(local), STR_ARG(remote));

	for (size_t i = 0; i < t->n_asked; i++)
		if (str_eq(t->asked[i], pair))
			return true;
	return false;
}

static void authenticated(struct s2s *s, struct str local, struct str remote,
                          enum s2s_proof proof)
{
	struct trial *t = trial_of(s);

	ASSERT(s2s_admits(s, local, remote));
	if (t->out)
		ASSERT(s2s_is_bidi(s) && str_is(local, "b.example") &&
		       str_is(remote, "a.example"));
	else if (proof == S2S_CERTIFICATE)
		ASSERT(t->certified && str_is(local, "b.example") &&
		       str_is(remote, "a.example"));
	else
		ASSERT(t->verdict == S2S_VALID && was_asked(t, local, remote));
	t->n_authenticated++;
}

static void ready(struct s2s *s)
{
	struct trial *t = trial_of(s);

	ASSERT(s2s_is_ready(s) && t->n_ready == 0);
	t->n_ready++;
}

static void answered(struct s2s *s, struct str local, struct str remote, struct str id,
                     bool valid)
{
	struct trial *t = trial_of(s);

	ASSERT(t->out && str_is(local, "b.example") && str_is(remote, "a.example"));
	ASSERT(++t->n_answered <= QUESTIONS);
}

static void element(struct s2s *s, struct arena *arena, struct xml_node *node)
{
	const struct trial *t = trial_of(s);

	ASSERT(!xml_in_ns(node, NS_SERVER));
	if (t->out)
		ASSERT(t->n_ready == 1 && (s2s_is_bidi(s) || xml_in_ns(node, NS_SM)));
	else
		ASSERT(t->n_authenticated > 0);
	arena_free(&arena);
}

static void gone(struct s2s *s, const char *why)
{
	struct trial *t = trial_of(s);

	ASSERT(why == NULL || strlen(why) < S2S_WHY_MAX);
	t->n_gone++;
}

static const struct s2s_ops ops = {
	.serves = serves,
	.policy = policy,
	.claims = claims,
	.verify = verify,
	.authenticated = authenticated,
	.ready = ready,
	.answered = answered,
	.element = element,
	.gone = gone,
};

/* ---- one input ---- */

static bool has_word(struct str line, const char *word)
{
	while (!str_is_absent(line))
		if (str_is(str_cut(&line, ' '), word))
			return true;
	return false;
}

static void read_words(struct trial *t, struct str line)
{
	t->out = has_word(line, "out");
	t->certified = has_word(line, "certified");
	t->dialback = has_word(line, "dialback");
	t->verdict = has_word(line, "invalid")       ? S2S_INVALID
	             : has_word(line, "unreachable") ? S2S_UNREACHABLE
	                                             : S2S_VALID;
	t->later = t->verdict == S2S_VALID && !has_word(line, "valid");
}

static void drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void send_all(struct s2s_env *env, int fd, struct str bytes)
{
	while (bytes.n > 0 && !TAILQ_EMPTY(&env->all)) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_DONTWAIT | MSG_NOSIGNAL);

		shard_run_here(env->shard, 0);
		drain(fd);
		if (n > 0)
			bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	shard_run_here(env->shard, 0);
	drain(fd);
}

static void begin(struct s2s_env *env, struct trial *t, const int fds[2])
{
	const struct s2s_target target = {
		.local = STR("b.example"),
		.remote = STR("a.example"),
	};
	struct s2s *s;

	if (t->out) {
		s = s2s_open(env, fds[0], &target, NULL);
		ASSERT(s != NULL);
		for (int i = 0; i < QUESTIONS; i++) {
			char id = (char)('1' + i);

			ASSERT(s2s_ask(s, target.local, target.remote, str_make(&id, 1),
			               STR("key")) == 0);
		}
	} else {
		s2s_accept(env, fds[0], false);
		s = TAILQ_FIRST(&env->all);
	}
	s->stage = STAGE_SECURE;
	if (!t->out) {
		bool dialback = t->dialback;

		t->dialback = true; /* no certificate is there to be judged */
		send_all(env, fds[1], STR(HEADER));
		t->dialback = dialback;
	}
	s = TAILQ_FIRST(&env->all);
	if (s != NULL)
		s->certified = t->certified;
}

/* The verdicts that were not given at once. */
static void say_verdicts(struct s2s_env *env, struct trial *t)
{
	size_t n = t->later ? t->n_asked : 0;

	for (size_t i = 0; i < n && !TAILQ_EMPTY(&env->all); i++) {
		struct str remote = t->asked[i], local = str_cut(&remote, ' ');

		s2s_verified(TAILQ_FIRST(&env->all), local, remote, S2S_VALID);
		shard_run_here(env->shard, 0);
	}
}

static void run(struct s2s_env *env, struct trial *t, struct str bytes)
{
	size_t half = bytes.n / 2;
	int fds[2];

	ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	begin(env, t, fds);
	send_all(env, fds[1], str_slice(bytes, 0, half));
	send_all(env, fds[1], str_slice(bytes, half, bytes.n));
	say_verdicts(env, t);
	s2s_env_shutdown(env, STREAM_SYSTEM_SHUTDOWN);
	close(fds[1]);
	while (!TAILQ_EMPTY(&env->all))
		shard_run_here(env->shard, 0);
	ASSERT(t->n_gone == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct stream_limits limits = {
		.before = { 10000, 32, 32, 256, 200 },
		.after = { 100000, 64, 64, 1024, 10000 },
		.stage_ms = MINUTES(10),
		.login_ms = MINUTES(10),
		.out_bytes = (size_t)MIB(1),
		.per_address = 10,
		.bytes = { .burst = MIB(100), .per_second = MIB(100) },
	};
	static struct shard_group *group; /* for all inputs: it takes time to stop */
	static struct stream_env streams;
	struct str rest = fuzz_str(data, size);
	struct trial t = { .arena = arena_new(1024) };
	struct s2s_env env;
	struct shard *shard;

	if (group == NULL) {
		hash_init();
		log_set_level(LOG_ERROR);
		ASSERT(shard_group_open(1, &group) == 0);
		stream_env_init(&streams, shard_group_at(group, 0));
	}
	shard = shard_group_at(group, 0);
	shard_run_here(shard, 0);
	read_words(&t, str_cut(&rest, '\n'));
	s2s_env_init(&env, shard, &streams, &ops, &t);
	env.bidi = true;
	env.limits = &limits;
	env.secret = "secret";
	run(&env, &t, rest);
	s2s_env_deinit(&env);
	arena_free(&t.arena);
	return 0;
}
