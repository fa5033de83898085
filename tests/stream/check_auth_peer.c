/*
 * check_auth_peer.c - our mechanisms against libsasl2's own clients, and many negotiations on several threads at once.
 *
 * The clients come with the package libsasl2-modules; without it those tests have nothing to do.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "server/base/base64.h"
#include "server/base/mem.h"
#include "tests/lib/check_main.h"
#include "tests/stream/talk.h"

#include <pthread.h>
#include <sasl/saslplug.h>

#define THREADS 4
#define ROUNDS 50

struct peer {
	sasl_conn_t *conn;
	sasl_callback_t callbacks[4];
	sasl_channel_binding_t binding;
	sasl_secret_t *password;
};

static int on_simple(void *context, int id, const char **result, unsigned *n)
{
	*result = id == SASL_CB_AUTHNAME ? "juliet" : "";
	if (n != NULL)
		*n = (unsigned)strlen(*result);
	return SASL_OK;
}

static int on_password(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret_out)
{
	*secret_out = ((struct peer *)context)->password;
	return SASL_OK;
}

static bool has_client(const char *mechanism)
{
	const char **all = sasl_global_listmech();

	for (; all != NULL && *all != NULL; all++)
		if (strcmp(*all, mechanism) == 0)
			return true;
	return false;
}

#define CALLBACK(function) ((sasl_callback_ft)(void (*)(void))(function))

static void peer_init(struct peer *p, const char *password, const char *binding)
{
	static const char data[] = "data of tls-exporter";
	size_t n = strlen(password);

	*p = (struct peer){ .password = mem_zalloc(sizeof(sasl_secret_t) + n + 1) };
	p->password->len = n;
	memcpy(p->password->data, password, n);
	p->callbacks[0] = (sasl_callback_t){ SASL_CB_USER, CALLBACK(on_simple), NULL };
	p->callbacks[1] = (sasl_callback_t){ SASL_CB_AUTHNAME, CALLBACK(on_simple), NULL };
	p->callbacks[2] = (sasl_callback_t){ SASL_CB_PASS, CALLBACK(on_password), p };
	p->callbacks[3] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
	ck_assert_int_eq(sasl_client_new("xmpp", TALK_DOMAIN, NULL, NULL, p->callbacks,
	                                 SASL_SUCCESS_DATA, &p->conn),
	                 SASL_OK);
	if (binding == NULL)
		return;
	p->binding = (sasl_channel_binding_t){
		.name = binding,
		.critical = 1,
		.len = sizeof(data) - 1,
		.data = (const unsigned char *)data,
	};
	ck_assert_int_eq(sasl_setprop(p->conn, SASL_CHANNEL_BINDING, &p->binding), SASL_OK);
}

static void peer_deinit(struct peer *p)
{
	sasl_dispose(&p->conn);
	free(p->password);
}

/* A whole negotiation; returns the client's last code, SASL_OK when it believes the server too. */
static int negotiate(struct talk *t, struct peer *p, const char *mechanism)
{
	const char *out = NULL, *chosen;
	unsigned n = 0;
	int code = sasl_client_start(p->conn, mechanism, NULL, &out, &n, &chosen);

	if (code != SASL_OK && code != SASL_CONTINUE)
		return code;
	talk_begin(t, mechanism, out == NULL ? STR_NONE : str_make(out, n));
	while (t->next == AUTH_CHALLENGE) {
		code = sasl_client_step(p->conn, t->data.p, (unsigned)t->data.n, NULL, &out,
		                        &n);
		if (code != SASL_OK && code != SASL_CONTINUE)
			return code;
		talk_respond(t, str_make(out == NULL ? "" : out, n));
	}
	if (t->next == AUTH_SUCCESS && !str_is_absent(t->data))
		code = sasl_client_step(p->conn, t->data.p, (unsigned)t->data.n, NULL, &out,
		                        &n);
	return code;
}

/* PLUS is known to the list by the name without it. */
static void check_peer(const char *listed, const char *mechanism, const char *binding)
{
	struct talk *t;
	struct peer p;

	ck_assert_int_eq(sasl_client_init(NULL), SASL_OK);
	t = talk_new();
	if (has_client(listed)) {
		if (binding != NULL)
			talk_bind(t);
		peer_init(&p, TALK_PASSWORD, binding);
		ck_assert_int_eq(negotiate(t, &p, mechanism), SASL_OK);
		ck_assert_success(t, "juliet");
		peer_deinit(&p);
		talk_again(t);
		peer_init(&p, "wrong", binding);
		(void)negotiate(t, &p, mechanism);
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		peer_deinit(&p);
	}
	talk_free(&t);
	sasl_client_done();
}

START_TEST(libsasl2s_scram_clients_get_in)
{
	check_peer("SCRAM-SHA-1", "SCRAM-SHA-1", NULL);
	check_peer("SCRAM-SHA-256", "SCRAM-SHA-256", NULL);
	check_peer("SCRAM-SHA-512", "SCRAM-SHA-512", NULL);
}
END_TEST

START_TEST(libsasl2s_scram_clients_get_in_bound_to_the_channel)
{
	check_peer("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "tls-exporter");
	check_peer("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "tls-exporter");
	check_peer("SCRAM-SHA-512", "SCRAM-SHA-512-PLUS", "tls-exporter");
}
END_TEST

START_TEST(libsasl2s_plain_client_gets_in)
{
	check_peer("PLAIN", "PLAIN", NULL);
}
END_TEST

START_TEST(libsasl2s_client_bound_to_another_channel_is_refused)
{
	struct talk *t;
	struct peer p;

	ck_assert_int_eq(sasl_client_init(NULL), SASL_OK);
	t = talk_new();
	talk_bind(t);
	if (has_client("SCRAM-SHA-256")) {
		/* its data is that of tls-exporter */
		peer_init(&p, TALK_PASSWORD, "tls-server-end-point");
		(void)negotiate(t, &p, "SCRAM-SHA-256-PLUS");
		ck_assert_failure(t, AUTH_NOT_AUTHORIZED);
		peer_deinit(&p);
	}
	talk_free(&t);
	sasl_client_done();
}
END_TEST

/* One shard's worth: all mechanisms, good and bad, on connections of its own. */
static void *run_many(void *arg)
{
	static const char *const mechanisms[] = { "SCRAM-SHA-1", "SCRAM-SHA-256",
		                                  "SCRAM-SHA-512" };
	struct talk *t = arg;

	for (int i = 0; i < ROUNDS; i++) {
		const char *mechanism = mechanisms[i % (int)ARRAY_LEN(mechanisms)];

		talk_again(t);
		talk_scram(t, mechanism, "n,,", "juliet", TALK_PASSWORD);
		ASSERT(t->next == AUTH_SUCCESS && str_is(auth_user(t->auth), "juliet"));
		talk_again(t);
		talk_scram(t, mechanism, "n,,", "juliet", "wrong");
		ASSERT(t->next == AUTH_FAILURE);
		talk_again(t);
		talk_begin(t, "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
		ASSERT(t->next == AUTH_SUCCESS);
		talk_again(t);
		talk_begin(t, "ANONYMOUS", STR_NONE);
		ASSERT(t->next == AUTH_SUCCESS);
	}
	return NULL;
}

START_TEST(threads_do_not_disturb_each_other)
{
	struct talk *talks[THREADS];
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		talks[i] = i == 0 ? talk_new() : talk_beside();
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run_many, talks[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	for (size_t i = THREADS; i-- > 0;)
		talk_free(&talks[i]);
}
END_TEST

static void *work(void *arg)
{
	auth_work(arg);
	return NULL;
}

START_TEST(passwords_are_hashed_on_other_threads)
{
	struct talk *talks[THREADS];
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++) {
		talks[i] = i == 0 ? talk_new() : talk_beside();
		talks[i]->by_hand = true;
		talk_begin(talks[i], "PLAIN", STR("\0juliet\0" TALK_PASSWORD));
		ck_assert_int_eq(auth_supply(talks[i]->auth, &talks[i]->account), AUTH_SLOW);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, talks[i]->auth), 0);
	}
	for (size_t i = THREADS; i-- > 0;) {
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
		ck_assert_int_eq(auth_worked(talks[i]->auth), AUTH_SUCCESS);
		ck_assert_str_is(auth_user(talks[i]->auth), "juliet");
		talk_free(&talks[i]);
	}
}
END_TEST

CHECK_MAIN("auth_peer", libsasl2s_scram_clients_get_in,
           libsasl2s_scram_clients_get_in_bound_to_the_channel, libsasl2s_plain_client_gets_in,
           libsasl2s_client_bound_to_another_channel_is_refused,
           threads_do_not_disturb_each_other, passwords_are_hashed_on_other_threads)
