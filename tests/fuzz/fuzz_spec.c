/*
 * A whole pipeline file, through every stage: nodes, target, references, records, resources, launches. Mistakes are
 * told, all of them in text that a terminal can show; what is accepted makes requests that weir-local's own
 * validation takes.
 */
#include "fuzz.h"

#include "base/fs.h"
#include "base/text.h"
#include "spec/spec.h"

#include <string.h>

static void make_folder(void)
{
	char path[512];
	struct err err;
	snprintf(path, sizeof path, "%s/.git", fuzz_folder());
	if (fs_exists(path))
		return;
	FUZZ_CHECK(fs_mkdirs(path, 0700, &err), "%s", err.text);
	fuzz_write(".git/HEAD", "ref: refs/heads/main\n", 21);
	fuzz_write("a.py", "print(1)\n", 9);
	fuzz_write("d.zip", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
}

static void check_told(struct diags *d)
{
	buf_auto text = {0}, json = {0};
	diag_sort(d);
	diag_render_text(d, false, &text);
	fuzz_check_shown(buf_str(&text), text.len);
	diag_render_json(d, &json);
	for (char *line = json.data; line && *line;) {
		size_t n = strcspn(line, "\n");
		fuzz_check_json(line, n);
		line += n + (line[n] == '\n');
	}
}

static void refuse(void *ctx, const char *path, const struct node *at, struct mark mark,
	bool warning, const char *text, const char *hint)
{
	(void)at, (void)mark, (void)hint;
	if (!warning)
		buf_printf(ctx, "%s: %s\n", path, text);
}

/* What weir would send is what a service takes. */
static void check_request(const struct resource *r)
{
	arena_auto a = {0};
	buf_auto wrong = {0}, text = {0};
	const struct record *record = resource_types[r->kind].record;
	const struct node *body = field_encode(record, r->record, FORM_CREATE, &a);
	void *got = arena_alloc(&a, record->size);
	node_to_json(body, NODE_JSON_COMPACT, &text);
	fuzz_check_json(buf_str(&text), text.len);
	bool ok = field_decode(record, body, FORM_CREATE, "", &a, got, refuse, &wrong);
	FUZZ_CHECK(ok, "%s in %s", buf_str(&wrong), buf_str(&text));
}

static void check_resources(const struct resources *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct resource *r = &all->v[i];
		FUZZ_CHECK(r->address && *r->address);
		if (r->kind == RESOURCE_APPLICATION)
			check_request(r);
		if (r->kind == RESOURCE_OBJECT && r->object->path) {
			arena_auto a = {0};
			struct err err;
			const char *real =
				fs_real(&a, fs_join(&a, fuzz_folder(), r->object->path), &err);
			FUZZ_CHECK(real && text_starts(real, fuzz_folder()), "%s", r->object->path);
		}
	}
}

static void launch_all(struct spec *s, const struct pipeline *p, const struct keyed *of,
	size_t size, size_t head, const char *kind, struct diags *d)
{
	for (size_t i = 0; i < of->n; i++) {
		arena_auto a = {0};
		const struct keyed_head *h = (const void *)((const char *)of->v + i * size + head);
		struct spec_steps steps;
		struct err err;
		size_t before = d->errors;
		if (spec_launch(s, p, arena_printf(&a, "%s.%s", kind, h->key), &steps, d, &err)) {
			for (size_t k = 0; k < steps.n; k++)
				for (size_t j = 0; j < steps.v[k].needs_n; j++)
					FUZZ_CHECK(steps.v[k].needs[j] < k);
		} else {
			FUZZ_CHECK(d->errors > before || err.kind != ERR_NONE);
		}
	}
}

static void resolve(struct spec *s, const struct spec_builtins *b, struct diags *d)
{
	size_t before = d->errors;
	const struct pipeline *p = spec_resolve(s, b, d);
	FUZZ_CHECK(p || d->errors > 0);
	FUZZ_CHECK(!p || d->errors == before);
	if (!p)
		return;
	struct resources want = {0};
	bool ok = spec_desired(s, p, b, &want, d);
	FUZZ_CHECK(ok == (d->errors == before));
	if (!ok)
		return;
	check_resources(&want);
	launch_all(s, p, &p->apps, sizeof(struct app_decl), offsetof(struct app_decl, head), "apps",
		d);
	launch_all(s, p, &p->sequences, sizeof(struct sequence_decl),
		offsetof(struct sequence_decl, head), "sequences", d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	arena_auto a = {0};
	struct diags d = {.arena = &a};
	const struct spec_options o = {.dir = fuzz_folder(), .now_ms = 1700000000000};
	const struct spec_builtins known = {.ns = "ns",
		.region = "us-ashburn-1",
		.tenancy = "ocid1.tenancy.oc1..t",
		.compartment_id = "ocid1.compartment.oc1..c"};
	const struct spec_builtins unknown = {0};
	make_folder();
	fuzz_write("pipeline.yaml", data, n);
	struct spec *s = spec_open(&o, &a, &d);
	FUZZ_CHECK(s || d.errors);
	if (s) {
		resolve(s, &unknown, &d);
		if (!d.errors)
			resolve(s, &known, &d);
	}
	check_told(&d);
	return 0;
}
