/*
 * datetime.c - XMPP dates (XEP-0082): the proleptic Gregorian calendar in whole numbers.
 *
 * Days are counted in eras of 400 years of 146097 days, with years that begin in March, so that
 * the leap day is a year's last.
 *
 * Copyright (C) 2026 the Jackdaw contributors.  SPDX-License-Identifier: MIT
 */
#include "xml/datetime.h"

#include "server/base/err.h"

#include <string.h>

#define DAY_MS HOURS(24)
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468        /* from 0000-03-01 to 1970-01-01 */
#define MIN_MS (-62167219200000) /* 0000-01-01T00:00:00Z */
#define MAX_MS 253402300799999   /* 9999-12-31T23:59:59.999Z */

struct date {
	int year, month, day;
};

static int64_t days_of(struct date d)
{
	int64_t year = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year =
		(153 * (d.month > 2 ? d.month - 3 : d.month + 9) + 2) / 5 + d.day - 1;
	int64_t day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

static struct date date_of(int64_t days)
{
	int64_t shifted = days + EPOCH_DAYS;
	int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t day = shifted - era * ERA_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;

	return (struct date){
		.year = (int)(era * 400 + year + (month >= 10 ? 1 : 0)),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
	};
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* --- writing ------------------------------------------------------------------------------ */

static char *put_digits(char *at, int64_t value, int width, char then)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	at[width] = then;
	return at + width + 1;
}

struct str datetime_format(struct arena *arena, int64_t wall_ms, bool with_ms)
{
	int64_t ms = wall_ms < MIN_MS ? MIN_MS : wall_ms > MAX_MS ? MAX_MS : wall_ms;
	int64_t days = ms / DAY_MS - (ms % DAY_MS < 0 ? 1 : 0);
	int64_t of_day = ms - days * DAY_MS;
	struct date d = date_of(days);
	char text[sizeof("2026-11-21T07:00:00.123Z")];
	char *at = text;

	with_ms = with_ms || of_day % 1000 != 0;
	at = put_digits(at, d.year, 4, '-');
	at = put_digits(at, d.month, 2, '-');
	at = put_digits(at, d.day, 2, 'T');
	at = put_digits(at, of_day / HOURS(1), 2, ':');
	at = put_digits(at, of_day / MINUTES(1) % 60, 2, ':');
	at = put_digits(at, of_day / SECONDS(1) % 60, 2, with_ms ? '.' : 'Z');
	if (with_ms)
		at = put_digits(at, of_day % 1000, 3, 'Z');
	return arena_copy(arena, str_make(text, (size_t)(at - text)));
}

/* --- reading ------------------------------------------------------------------------------ */

/* WIDTH digits off the front of *rest, within LOW and HIGH. */
static bool take_number(struct str *rest, size_t width, int low, int high, int *value_out)
{
	int value = 0;

	if (rest->n < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9')
			return false;
		value = value * 10 + (rest->p[i] - '0');
	}
	*rest = str_slice(*rest, width, rest->n);
	*value_out = value;
	return value >= low && value <= high;
}

static bool take_char(struct str *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = str_slice(*rest, 1, rest->n);
	return true;
}

/* ".5" and any more digits, cut to milliseconds; nothing is a whole second. */
static bool take_fraction(struct str *rest, int *ms_out)
{
	int scale = 100;
	int digit;

	*ms_out = 0;
	if (!take_char(rest, '.'))
		return true;
	if (!take_number(rest, 1, 0, 9, &digit))
		return false;
	do {
		*ms_out += digit * scale;
		scale /= 10;
	} while (rest->n > 0 && rest->p[0] >= '0' && rest->p[0] <= '9' &&
	         take_number(rest, 1, 0, 9, &digit));
	return true;
}

/* "Z", "+02:00": XML Schema part 2, up to 14 hours. */
static bool take_offset(struct str *rest, int64_t *offset_ms_out)
{
	bool west;
	int hours, minutes;

	*offset_ms_out = 0;
	if (take_char(rest, 'Z'))
		return true;
	west = take_char(rest, '-');
	if (!west && !take_char(rest, '+'))
		return false;
	if (!take_number(rest, 2, 0, 14, &hours) || !take_char(rest, ':') ||
	    !take_number(rest, 2, 0, hours == 14 ? 0 : 59, &minutes))
		return false;
	*offset_ms_out = (west ? -1 : 1) * (HOURS(hours) + MINUTES(minutes));
	return true;
}

int datetime_parse(struct str text, int64_t *wall_ms_out)
{
	struct date d;
	int hour, minute, second, ms;
	int64_t offset_ms;

	if (!take_number(&text, 4, 0, 9999, &d.year) || !take_char(&text, '-') ||
	    !take_number(&text, 2, 1, 12, &d.month) || !take_char(&text, '-') ||
	    !take_number(&text, 2, 1, days_in(d.year, d.month), &d.day) ||
	    !take_char(&text, 'T'))
		return ERR_INVALID;
	if (!take_number(&text, 2, 0, 23, &hour) || !take_char(&text, ':') ||
	    !take_number(&text, 2, 0, 59, &minute) || !take_char(&text, ':') ||
	    !take_number(&text, 2, 0, 59, &second))
		return ERR_INVALID;
	if (!take_fraction(&text, &ms) || !take_offset(&text, &offset_ms) || text.n > 0)
		return ERR_INVALID;
	*wall_ms_out = days_of(d) * DAY_MS + HOURS(hour) + MINUTES(minute) + SECONDS(second) +
	               ms - offset_ms;
	return 0;
}
