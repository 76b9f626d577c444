/* Properties of the engine over random records with a field of every kind: what was set last, what is live, what is
   wanted. */
#include "field/memory.h"

#include "../records.h"
#include "../triples.h"
#include "things.h"

enum { TRIES = 2000, SEED = 20261125 };

#define BOUND "flights/local/x"

struct three {
	struct thing *set, *live, *want;
	bool known;
};

static const char *text_of(const struct three *x)
{
	return arena_printf(&arena, "set:  %s\nlive: %s\nwant: %s\nknown: %d",
		records_json(&thing_record, x->set, &arena),
		records_json(&thing_record, x->live, &arena),
		records_json(&thing_record, x->want, &arena), x->known);
}

/* The service's side of an update: what the request has replaces what is there; null takes a number away. */
static const char *carry_out(const struct thing *live, const struct node *body, struct thing *after)
{
	struct thing given;
	buf_auto wrong = {0};
	const struct node *sent = records_wire(body, &arena);
	/* Without weir-local's check, since a clear is "" also where "" is no choice. */
	if (!field_decode(&thing_record, sent, FORM_REPLY, "", &arena, &given, collect, &wrong))
		return arena_printf(&arena, "%s", buf_str(&wrong));
	field_copy(&thing_record, live, after, &arena);
	field_overlay(&thing_record, &given, after, &arena);
	for (size_t i = 0; i < sent->u.map.n; i++) {
		const char *key = sent->u.map.v[i].key;
		if (sent->u.map.v[i].value->kind != NODE_NULL)
			continue;
		if (!strcmp(key, "numExecutors"))
			after->count.set = false;
		else if (!strcmp(key, "ratio"))
			after->ratio.set = false;
		else if (!strcmp(key, "extra"))
			after->extra = NULL;
		else
			return arena_printf(&arena, "null for %s", key);
	}
	return NULL;
}

/* NULL, or what is wrong. */
static const char *check(const struct three *x)
{
	struct memory m;
	const char *wrong, *text = memory_write(&thing_record, x->set, BOUND, &arena, NULL);
	memory_read(x->known ? text : NULL, BOUND, &m);
	struct triple t = {&thing_record, x->set, x->live, x->want, x->known, &arena};
	struct field_changes c = {0}, stays = {0}, none = {0};
	field_diff_since(&thing_record, x->live, x->want, &m, &arena, &c, &stays);
	if ((wrong = triple_told(&t, &c, &stays)))
		return wrong;
	struct thing after;
	const struct node *body = field_update_body(&thing_record, x->live, x->want, &c, &arena);
	if ((wrong = carry_out(x->live, body, &after)) || (wrong = triple_left(&t, &after)))
		return wrong;
	text = memory_write(&thing_record, x->want, BOUND, &arena, NULL);
	memory_read(text, BOUND, &m);
	field_diff_since(&thing_record, &after, x->want, &m, &arena, &none, NULL);
	return none.n ? arena_printf(&arena, "%s differs after the update", none.v[0].path) : NULL;
}

/* The smallest that is still wrong. */
static const char *shrunk(struct three *x, const char *wrong)
{
	for (bool smaller = true; smaller;) {
		smaller = false;
		for (size_t which = 0, i = 0; which < 3 && !smaller; i++) {
			struct three y = *x;
			struct thing **v[] = {&y.set, &y.live, &y.want};
			*v[which] = arena_new(&arena, struct thing);
			field_copy(&thing_record,
				which == 0           ? x->set
					: which == 1 ? x->live
						     : x->want,
				*v[which], &arena);
			if (!records_smaller(&thing_record, *v[which], i)) {
				which++, i = (size_t)-1;
				continue;
			}
			y.want->base.language = y.live->base.language;
			y.want->hosts = y.want->hosts.v ? y.live->hosts : y.want->hosts;
			const char *still = check(&y);
			if (still) {
				*x = y, wrong = still;
				smaller = true;
			}
		}
	}
	return wrong;
}

static struct thing *random_thing(void)
{
	return records_random(&thing_record, 2, false, &arena);
}

static struct three random_three(void)
{
	struct three x = {.set = random_thing(), .live = random_thing(), .want = random_thing()};
	/* Often one is made of another. */
	if (records_below(2)) {
		struct thing *on = arena_new(&arena, struct thing);
		field_copy(&thing_record, x.set, on, &arena);
		field_overlay(
			&thing_record, records_random(&thing_record, 8, false, &arena), on, &arena);
		x.live = on;
	}
	/* What cannot be changed, is not; it may be left out. */
	x.want->base.language = x.live->base.language;
	x.want->hosts = records_below(2) ? x.live->hosts : (struct strs){0};
	x.known = records_below(8);
	return x;
}

static void three_ways(void **state)
{
	(void)state;
	const uint64_t start = records_seed(SEED);
	records_start(start);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		struct three x = random_three();
		const char *wrong = check(&x);
		if (wrong) {
			wrong = shrunk(&x, wrong);
			fail_msg("RECORDS_SEED=%llu, try %d: %s\n%s", (unsigned long long)start, i,
				wrong, text_of(&x));
		}
		arena_clear(&arena);
	}
}

static void decoding_undoes_encoding(void **state)
{
	(void)state;
	static const struct record *const records[] = {&thing_record, &plan_file_record};
	const uint64_t start = records_seed(SEED);
	records_start(start);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		const struct record *r = records[i % 2];
		void *in = records_random(r, 2, false, &arena), *out = arena_alloc(&arena, r->size);
		buf_auto wrong = {0};
		const char *text = records_json(r, in, &arena);
		bool ok = field_decode(r,
			records_wire(field_encode(r, in, FORM_YAML, &arena), &arena), FORM_YAML, "",
			&arena, out, collect, &wrong);
		if (!ok || strcmp(records_json(r, out, &arena), text))
			fail_msg("RECORDS_SEED=%llu, try %d: %s%s became %s",
				(unsigned long long)start, i, buf_str(&wrong), text,
				records_json(r, out, &arena));
		arena_clear(&arena);
	}
}

/* As the service has it, with the defaults. */
static void nothing_differs_from_itself(void **state)
{
	(void)state;
	const uint64_t start = records_seed(SEED);
	records_start(start);
	for (int i = 0, n = records_tries(TRIES); i < n; i++) {
		struct thing *t = random_thing();
		t->mode = t->mode ? t->mode : "BATCH";
		t->retries = t->retries.set ? t->retries : (struct opt_i64){true, 3};
		t->verbose.set = true;
		struct memory m;
		struct field_changes c = {0}, stays = {0};
		memory_read(memory_write(&thing_record, t, BOUND, &arena, NULL), BOUND, &m);
		field_diff_since(&thing_record, t, t, &m, &arena, &c, &stays);
		if (c.n || stays.n)
			fail_msg("RECORDS_SEED=%llu, try %d: %s", (unsigned long long)start, i,
				records_json(&thing_record, t, &arena));
		arena_clear(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_ways),
		cmocka_unit_test(decoding_undoes_encoding),
		cmocka_unit_test(nothing_differs_from_itself),
	};
	return cmocka_run_group_tests(tests, NULL, things_clear);
}
