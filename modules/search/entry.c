/*
 * entry.c - what the directory has of an account, and the words that lead to it.
 *
 * Both are written in the batch of the vCard.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "modules/search/private.h"

#include "xml/utf8.h"

#define FORMAT 1
#define FLAG_PUBLIC 1
#define FLAG_LISTED 2
#define FLAG_CARD 4
#define KEY_TEXT_END 2 /* bytes behind a text in a key: key.h */

const struct store_space search_space = { .name = "search", .version = FORMAT };
const struct store_space directory_space = { .name = "directory", .version = FORMAT };

/* ---- as a record ---- */

static int decode(struct str value, struct search_entry *e)
{
	struct record_reader r;
	uint64_t flags;

	*e = (struct search_entry){ 0 };
	if (record_open(&r, value) != FORMAT)
		return ERR_CORRUPT;
	e->revision = record_u64(&r);
	flags = record_u64(&r);
	e->is_public = (flags & FLAG_PUBLIC) != 0;
	e->is_listed = (flags & FLAG_LISTED) != 0;
	e->has_card = (flags & FLAG_CARD) != 0;
	e->jid = record_str(&r);
	for (size_t i = 0; e->is_listed && i < SEARCH_FIELDS; i++)
		e->values[i] = record_str(&r);
	return record_end(&r);
}

static struct str encode(struct arena *arena, const struct search_entry *e)
{
	struct record_writer w;

	record_begin(&w, FORMAT);
	record_put_u64(&w, e->revision);
	record_put_u64(&w, (e->is_public ? FLAG_PUBLIC : 0U) |
	                           (e->is_listed ? FLAG_LISTED : 0U) |
	                           (e->has_card ? FLAG_CARD : 0U));
	record_put_str(&w, e->jid);
	for (size_t i = 0; e->is_listed && i < SEARCH_FIELDS; i++)
		record_put_str(&w, e->values[i]);
	return record_finish(&w, arena);
}

/* The account's own; it borrows from the store. */
static int find(struct event *ev, struct search_entry *e)
{
	struct str value;
	int err = event_find(ev, &search_space, STR(""), &value);

	return err < 0 ? err : decode(value, e);
}

int entry_read(struct store_reader *reader, uint64_t owner, struct arena *arena,
               struct search_entry *entry_out)
{
	struct str value;
	int err = store_reader_find(reader, &search_space, owner, STR(""), &value);

	/* the copy is one piece, which the entry borrows from */
	return err < 0 ? err : decode(arena_copy(arena, value), entry_out);
}

/* ---- out of a vCard ---- */

static struct str value_in(struct arena *arena, const struct xml_node *card,
                           const struct search_field *field)
{
	const struct xml_node *element = xml_child(card, NULL, field->element);
	struct str text = STR_NONE;

	if (element != NULL)
		text = field->child == NULL ? xml_text(arena, element)
		                            : xml_child_text(arena, element, field->child);
	return str_is_absent(text) ? STR("") : utf8_cut(str_trim(text), SEARCH_VALUE_BYTES);
}

/* XEP-0054 §8: the class of a vCard says for whom it is. */
static bool is_public(const struct xml_node *card)
{
	const struct xml_node *class = xml_child(card, NULL, "CLASS");

	return class != NULL && xml_child(class, NULL, "PUBLIC") != NULL;
}

static bool may_list(struct mod *m, const struct search_entry *e)
{
	const struct search_conf *conf = mod_conf(m);

	return e->has_card && (e->is_public || conf->listed == SEARCH_ALL);
}

static struct search_entry make(struct mod *m, struct event *ev, const struct xml_node *card,
                                uint64_t revision)
{
	struct search_entry e = {
		.revision = revision,
		.has_card = card != NULL,
		.is_public = card != NULL && is_public(card),
		.jid = jid_bare_str(entity_jid(ev->entity)),
	};

	e.is_listed = may_list(m, &e);
	for (size_t i = 0; e.is_listed && i < SEARCH_FIELDS; i++)
		e.values[i] = value_in(ev->arena, card, &search_fields[i]);
	return e;
}

/* ---- words ---- */

void entry_key_prefix(struct store_key *k, struct str host, const struct search_field *field,
                      struct str word, bool whole)
{
	key_init(k);
	key_text(k, host);
	key_bytes(k, str_make(&field->letter, 1));
	key_text(k, word); /* it is too short to be cut */
	if (!whole)
		k->n -= KEY_TEXT_END;
}

static void write_word(struct event *ev, const struct search_field *field, struct str word,
                       bool put)
{
	struct store_key k;

	entry_key_prefix(&k, host_name(ev->host), field, word, true);
	key_u64(&k, ev->owner);
	if (put)
		event_put_index(ev, &directory_space, key_str(&k), STR(""));
	else
		event_delete_index(ev, &directory_space, key_str(&k));
}

/* All words of E, put or deleted. */
static void write_words(struct event *ev, const struct search_entry *e, bool put)
{
	struct search_words words;

	for (size_t i = 0; i < SEARCH_FIELDS; i++) {
		search_words(ev->arena, e->values[i], &words);
		for (size_t k = 0; k < words.n; k++)
			write_word(ev, &search_fields[i], words.all[k], put);
	}
}

/* ---- the account's changes ---- */

int entry_remove(struct event *ev)
{
	struct search_entry old;
	int err = find(ev, &old);

	if (err == 0)
		write_words(ev, &old, false);
	return err == ERR_NOENT ? 0 : err;
}

int entry_update(struct mod *m, struct event *ev, const struct xml_node *card)
{
	struct search_entry e;
	struct vcard_state state;
	int err = vcard_find_state(ev, &state);

	if (err == 0)
		err = entry_remove(ev);
	if (err < 0)
		return err;
	e = make(m, ev, card, state.revision);
	write_words(ev, &e, true);
	event_put(ev, &search_space, STR(""), encode(ev->arena, &e));
	return 0;
}

int entry_is_current(struct mod *m, struct event *ev)
{
	struct vcard_state state;
	struct search_entry e;
	int err = vcard_find_state(ev, &state);

	if (err < 0)
		return err == ERR_NOENT ? 1 : err;
	err = find(ev, &e);
	if (err < 0)
		return err == ERR_NOENT ? 0 : err;
	return e.revision == state.revision && e.is_listed == may_list(m, &e);
}
