#include "local/runner/spark.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/text.h"
#include "local/command/setup.h"
#include "local/runner/conda.h"
#include "local/runner/runner_process.h"
#include "model/oci_uri.h"
#include "model/placeholder.h"

#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t GIB = 1LL << 30, MIB = 1LL << 20;

static bool not_installed(struct err *err, const char *what)
{
	return err_set(err, ERR_MISSING_TOOL, "%s is not installed: run `weir local setup`", what);
}

static bool on_path(struct arena *a, const char *program)
{
	const char *path = getenv("PATH");
	char *rest = arena_strdup(a, path ? path : "/usr/bin:/bin");
	for (char *dir = strsep(&rest, ":"); dir; dir = strsep(&rest, ":"))
		if (*dir && access(arena_printf(a, "%s/%s", dir, program), X_OK) == 0)
			return true;
	return false;
}

static bool java_is_there(struct arena *a)
{
	const char *home = getenv("JAVA_HOME");
	if (text_empty(home))
		return on_path(a, "java");
	return access(arena_printf(a, "%s/bin/java", home), X_OK) == 0;
}

/* Those that must precede Spark's own by name and in order, the rest by a wildcard of the JVM. */
static char *class_path(struct arena *a, const char *folder, const struct setup_pins *pins)
{
	buf_auto path = {0};
	for (size_t i = 0; i < pins->n; i++)
		if (pins->v[i].maven && pins->v[i].early)
			buf_printf(&path, "%s/jars/%s:", folder, setup_pin_jar(a, &pins->v[i]));
	buf_printf(&path, "%s/jars/*", folder);
	return arena_strdup(a, buf_str(&path));
}

static const char *find_home(struct arena *a, const char *folder)
{
	glob_t found;
	char *home = NULL;
	if (glob(arena_printf(a, "%s/venv/lib/python3*/site-packages/pyspark", folder), 0, NULL,
		    &found))
		return NULL;
	if (found.gl_pathc)
		home = arena_strdup(a, found.gl_pathv[0]);
	globfree(&found);
	return home;
}

static const char *pinned_version(const struct setup_pins *pins)
{
	for (size_t i = 0; i < pins->n; i++)
		if (!pins->v[i].maven && text_equal(pins->v[i].name, "pyspark"))
			return pins->v[i].version;
	return "";
}

/* Two jobs at once and the service must fit the machine. */
static int64_t memory_limit(void)
{
	int64_t machine = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	int64_t share = machine / 3 < 512 * MIB ? 512 * MIB : machine / 3;
	return share < 3 * GIB ? share : 3 * GIB;
}

bool spark_find(struct spark *ret, const char *service_home, struct arena *a, struct err *err)
{
	struct setup_pins pins;
	setup_pins_load(a, &pins);
	const char *folder = setup_folder(a, service_home);
	const char *home = find_home(a, folder);
	if (!home || !setup_is_complete(folder, &pins))
		return not_installed(err, "Spark");
	if (!java_is_there(a))
		return not_installed(err, "Java");
	*ret = (struct spark){
		.folder = folder,
		.home = home,
		.python = arena_printf(a, "%s/venv/bin/python", folder),
		.version = pinned_version(&pins),
		.class_path = class_path(a, folder, &pins),
		.cores = (int)sysconf(_SC_NPROCESSORS_ONLN),
		.memory = memory_limit(),
	};
	return true;
}

double spark_ocpus(const char *shape, const struct shape_config *config)
{
	if (config && config->ocpus.set)
		return config->ocpus.v;
	const char *dot = shape ? strrchr(shape, '.') : NULL;
	int64_t n;
	return dot && text_i64(dot + 1, &n) && n > 0 ? (double)n : 1;
}

static double executors_ocpus(const struct run *run)
{
	int64_t n = run->num_executors.set ? run->num_executors.v : 1;
	return spark_ocpus(run->executor_shape, run->executor_shape_config) * (double)n;
}

int64_t spark_total_ocpus(const struct run *run)
{
	double driver = spark_ocpus(run->driver_shape, run->driver_shape_config);
	return (int64_t)ceil(driver + executors_ocpus(run));
}

bool spark_parse_memory(const char *s, int64_t *ret)
{
	static const char units[] = "kmgt";
	size_t len = strlen(s);
	if (len && (s[len - 1] == 'b' || s[len - 1] == 'B'))
		len--;
	const char *unit = len ? strchr(units, s[len - 1] | 0x20) : NULL;
	char digits[16];
	int64_t n;
	if (!unit || len - 1 >= sizeof digits)
		return false;
	memcpy(digits, s, len - 1);
	digits[len - 1] = '\0';
	if (!text_i64(digits, &n) || n <= 0 || n > 1 << 20)
		return false;
	*ret = n << (10 * (unit - units + 1));
	return true;
}

static const char *value_of(const struct pairs *pairs, const char *key)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (text_equal(pairs->v[i].name, key))
			return pairs->v[i].value;
	return NULL;
}

static const char *configured(const struct run *run, const char *key)
{
	return value_of(&run->configuration, key);
}

static int64_t heap(const struct spark *s, const struct run *run)
{
	int64_t wanted = s->memory;
	const char *text = configured(run, "spark.driver.memory");
	if (text && spark_parse_memory(text, &wanted))
		return wanted < s->memory ? wanted : s->memory;
	if (run->driver_shape_config && run->driver_shape_config->memory_in_gbs.set)
		wanted = (int64_t)(run->driver_shape_config->memory_in_gbs.v * (double)GIB);
	return wanted < s->memory ? wanted : s->memory;
}

static const char *master(struct arena *a, const struct spark *s, const struct run *run)
{
	if (s->master)
		return s->master;
	double wanted = ceil(executors_ocpus(run));
	int n = wanted < 1 ? 1 : wanted < s->cores ? (int)wanted : s->cores;
	return arena_printf(a, "local[%d]", n);
}

/* As spark-submit reads options of the JVM: in double quotes, with a backslash before `"` and `\`. */
static void quote(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
	buf_addc(out, '"');
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static char *joined(struct arena *a, const char *ours, const char *separator, const char *theirs)
{
	if (text_empty(theirs))
		return arena_strdup(a, ours);
	return text_empty(ours) ? arena_strdup(a, theirs)
				: arena_printf(a, "%s%s%s", ours, separator, theirs);
}

/* A JVM that lives for seconds: the first compiler alone and the simplest collector save a third of the time. */
static char *java_options(
	struct arena *a, const struct run *run, const struct spark_place *p, const char *key)
{
	const char *user =
		joined(a, or_empty(value_of(&p->defaults, key)), " ", configured(run, key));
	buf_auto o = {0};
	buf_adds(&o, "-XX:TieredStopAtLevel=1");
	/* Two collectors are an error of the JVM. */
	if (!strstr(user, "GC"))
		buf_adds(&o, " -XX:+UseSerialGC");
	const char *tmp = arena_printf(a, "-Djava.io.tmpdir=%s", p->tmp);
	buf_addc(&o, ' ');
	quote(&o, tmp);
	if (!text_empty(user))
		buf_printf(&o, " %s", user);
	return arena_strdup(a, buf_str(&o));
}

static char *archive_jars(struct arena *a, const struct runner_archive *archive)
{
	buf_auto list = {0};
	for (size_t i = 0; i < archive->jars_n; i++)
		buf_printf(&list, "%s%s", i ? "," : "", archive->jars[i]);
	return arena_strdup(a, buf_str(&list));
}

static void put(struct map *m, const char *key, const char *value)
{
	map_put(m, key, (void *)(uintptr_t)value);
}

/* The home's, which must win over what Spark and an archive bring, then ours, then the run's. */
static char *whole_class_path(struct arena *a, const struct spark *s, const struct run *run,
	const struct spark_place *p, const char *key)
{
	const char *ours = joined(a, s->class_path, ":", configured(run, key));
	return joined(a, or_empty(value_of(&p->defaults, key)), ":", ours);
}

/* What the configuration may say otherwise. */
static void put_defaults(struct map *m, const struct run *run, const struct spark_place *p)
{
	/* Hive's catalog keeps a database in the working directory, which goes with the run. */
	put(m, "spark.sql.catalogImplementation", "in-memory");
	put(m, "spark.sql.warehouse.dir",
		text_empty(run->warehouse_bucket_uri)
			? arena_printf(m->arena, "%s/spark-warehouse", p->work)
			: run->warehouse_bucket_uri);
	if (!text_empty(run->display_name))
		put(m, "spark.app.name", run->display_name);
}

static void put_connector(struct map *m, const struct spark_place *p)
{
#define OCI "spark.hadoop.fs.oci."
	put(m, OCI "impl", "com.oracle.bmc.hdfs.BmcFilesystem");
	put(m, OCI "client.hostname", arena_printf(m->arena, "http://127.0.0.1:%d", p->port));
	put(m, OCI "client.auth.tenantId", p->tenancy);
	put(m, OCI "client.auth.userId", p->user);
	put(m, OCI "client.auth.fingerprint", p->fingerprint);
	put(m, OCI "client.auth.pemfilepath", p->key_file);
#undef OCI
}

/* spark.driverEnv.NAME and spark.executorEnv.NAME: driver and executors are one process, or have one environment. */
static void put_configured(struct map *m, const struct run *run)
{
	static const char *const prefixes[] = {"spark.executorEnv.", "spark.driverEnv."};
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < run->configuration.n; i++) {
			const struct pair *c = &run->configuration.v[i];
			if (text_starts(c->name, prefixes[k]) && c->name[strlen(prefixes[k])])
				put(m, c->name + strlen(prefixes[k]), c->value);
		}
}

static char *python_path(struct arena *a, const struct spark_place *p, const char *user)
{
	buf_auto path = {0};
	buf_adds(&path, p->python ? p->python : "");
	for (size_t i = 0; i < p->archive.python_n; i++)
		buf_printf(&path, "%s%s", path.len ? ":" : "", p->archive.python[i]);
	return joined(a, buf_str(&path), ":", user);
}

/* What OCI's SDKs look for, and where sitecustomize.py sends them. */
static void put_principal(struct map *m, const struct spark_place *p)
{
	if (p->python)
		put(m, "WEIR_LOCAL_ENDPOINT",
			arena_printf(m->arena, "http://127.0.0.1:%d", p->port));
	if (!p->token_file)
		return;
	put(m, "OCI_RESOURCE_PRINCIPAL_VERSION", "2.2");
	put(m, "OCI_RESOURCE_PRINCIPAL_RPST", p->token_file);
	put(m, "OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", p->key_file);
	put(m, "OCI_RESOURCE_PRINCIPAL_REGION", p->region);
}

static void put_environment(
	struct map *m, const struct spark *s, const struct run *run, const struct spark_place *p)
{
	static const char *const passed[] = {"TZ", "USER", "LOGNAME", "JAVA_HOME"};
	struct arena *a = m->arena;
	/* The JVM and Python read arguments by it: in another than UTF-8 they would arrive as question marks. */
	put(m, "LANG", "C.UTF-8");
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		if (!text_empty(getenv(passed[i])))
			put(m, passed[i], getenv(passed[i]));
	put_configured(m, run);
	const char *path = getenv("PATH");
	const char *conda = arena_printf(a, "%s/" CONDA_FOLDER "/bin", p->work);
	const char *python = p->conda ? arena_printf(a, "%s/python", conda) : s->python;
	put(m, "PATH",
		arena_printf(a, "%s%s%s/venv/bin:%s", p->conda ? conda : "", p->conda ? ":" : "",
			s->folder, path ? path : "/usr/bin:/bin"));
	put(m, "PYTHONPATH", python_path(a, p, map_get(m, "PYTHONPATH")));
	/* Not the user's own: there are the keys of real clouds. */
	put(m, "HOME", p->folder);
	put(m, "TMPDIR", p->tmp);
	put(m, "PYTHONNOUSERSITE", "1");
	put(m, "SPARK_HOME", s->home);
	put(m, "SPARK_LOCAL_IP", "127.0.0.1");
	put(m, "SPARK_LOCAL_DIRS", p->tmp);
	put(m, "PYSPARK_PYTHON", python);
	put(m, "PYSPARK_DRIVER_PYTHON", python);
	put_principal(m, p);
	put(m, RUNNER_MARK, run->id);
}

/* Executors that are processes of their own find what the driver finds. How much a worker gives to one is the worker's
   and the configuration's to say; of cores a run takes as many as its executors have. */
static void put_executors(struct map *m, const struct spark *s, const struct run *run,
	const struct spark_place *p, const struct map *environment)
{
	struct arena *a = m->arena;
	if (!configured(run, "spark.cores.max") && !value_of(&p->defaults, "spark.cores.max"))
		put(m, "spark.cores.max", arena_printf(a, "%.0f", ceil(executors_ocpus(run))));
	put(m, "spark.executor.extraClassPath",
		whole_class_path(a, s, run, p, "spark.executor.extraClassPath"));
	put(m, "spark.executor.extraJavaOptions",
		java_options(a, run, p, "spark.executor.extraJavaOptions"));
	for (size_t i = 0; i < environment->n; i++)
		/* Where an application's blocks lie is the worker's to say, which removes them. */
		if (!text_equal(environment->v[i].key, "SPARK_LOCAL_DIRS"))
			put(m, arena_printf(a, "spark.executorEnv.%s", environment->v[i].key),
				environment->v[i].value);
}

static void put_ours(
	struct map *m, const struct spark *s, const struct run *run, const struct spark_place *p)
{
	struct arena *a = m->arena;
	put(m, "spark.master", master(a, s, run));
	put(m, "spark.submit.deployMode", "client");
	put(m, "spark.driver.host", "127.0.0.1");
	put(m, "spark.driver.bindAddress", "127.0.0.1");
	put(m, "spark.ui.enabled", "false");
	put(m, "spark.driver.memory", arena_printf(a, "%lldm", (long long)(heap(s, run) / MIB)));
	put(m, "spark.driver.extraClassPath",
		whole_class_path(a, s, run, p, "spark.driver.extraClassPath"));
	put(m, "spark.driver.extraJavaOptions",
		java_options(a, run, p, "spark.driver.extraJavaOptions"));
	const char *jars =
		joined(a, archive_jars(a, &p->archive), ",", configured(run, "spark.jars"));
	if (*jars)
		put(m, "spark.jars", jars);
	/* What is unpacked before Spark starts need not be fetched by it again. */
	if (p->conda)
		put(m, "spark.archives", conda_other_archives(a, run));
	put_connector(m, p);
	struct map environment = {.arena = a};
	put_environment(&environment, s, run, p);
	if (s->master)
		put_executors(m, s, run, p, &environment);
	else if (configured(run, "spark.executorEnv.PYTHONPATH"))
		/* A worker would have it before what the driver has: it is in there already, behind ours. */
		put(m, "spark.executorEnv.PYTHONPATH", map_get(&environment, "PYTHONPATH"));
}

/* java.util.Properties in UTF-8. */
static void put_escaped(struct buf *out, const char *s, const char *special)
{
	for (const char *c = s; *c; c++) {
		switch (*c) {
		case '\n':
			buf_adds(out, "\\n");
			break;
		case '\r':
			buf_adds(out, "\\r");
			break;
		case '\t':
			buf_adds(out, "\\t");
			break;
		default:
			if (strchr(special, *c) || (*c == ' ' && c == s))
				buf_addc(out, '\\');
			buf_addc(out, *c);
		}
	}
}

void spark_properties(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct buf *out)
{
	arena_auto a = {0};
	struct map m = {.arena = &a};
	put_defaults(&m, run, p);
	for (size_t i = 0; i < p->defaults.n; i++)
		put(&m, p->defaults.v[i].name, p->defaults.v[i].value);
	for (size_t i = 0; i < run->configuration.n; i++)
		put(&m, run->configuration.v[i].name, run->configuration.v[i].value);
	put_ours(&m, s, run, p);
	for (size_t i = 0; i < m.n; i++) {
		put_escaped(out, m.v[i].key, "\\ :=#!");
		buf_addc(out, '=');
		put_escaped(out, m.v[i].value ? m.v[i].value : "", "\\");
		buf_addc(out, '\n');
	}
}

struct list {
	struct arena *arena;
	const char **v;
	size_t n, cap;
};

static void add(struct list *l, const char *s)
{
	l->v = arena_grow(l->arena, l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n++] = s;
}

static void add_submit(struct list *l, const struct run *run, const struct spark_place *p)
{
	if (!text_empty(run->class_name)) {
		add(l, "--class");
		add(l, run->class_name);
	}
	add(l, p->file);
	for (size_t i = 0; i < run->arguments.n; i++)
		add(l, placeholder_expand(l->arena, run->arguments.v[i], &run->parameters));
}

static void add_sql(struct list *l, const struct run *run, const struct spark_place *p)
{
	add(l, "-f");
	add(l, p->file);
	for (size_t i = 0; i < run->parameters.n; i++) {
		add(l, "-d");
		add(l,
			arena_printf(l->arena, "%s=%s", run->parameters.v[i].name,
				run->parameters.v[i].value));
	}
}

/* A shell that unpacks the environment and becomes what follows. */
static void add_conda(struct list *l, const struct spark_place *p)
{
	static const char unpack[] = "mkdir " CONDA_FOLDER " && tar -xf \"$1\" -C " CONDA_FOLDER
				     " --no-same-owner && rm \"$1\" && shift && exec \"$@\"";
	add(l, "/bin/sh");
	add(l, "-c");
	add(l, unpack);
	add(l, "sh");
	add(l, p->conda);
}

const char **spark_arguments(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct arena *a)
{
	struct list l = {.arena = a};
	bool sql = text_equal(run->language, "SQL");
	if (p->conda)
		add_conda(&l, p);
	add(&l, arena_printf(a, "%s/bin/%s", s->home, sql ? "spark-sql" : "spark-submit"));
	add(&l, "--properties-file");
	add(&l, p->properties);
	if (sql)
		add_sql(&l, run, p);
	else
		add_submit(&l, run, p);
	add(&l, NULL);
	return l.v;
}

const char **spark_environment(
	const struct spark *s, const struct run *run, const struct spark_place *p, struct arena *a)
{
	struct map m = {.arena = a};
	struct list l = {.arena = a};
	put_environment(&m, s, run, p);
	for (size_t i = 0; i < m.n; i++)
		add(&l, arena_printf(a, "%s=%s", m.v[i].key, (const char *)m.v[i].value));
	add(&l, NULL);
	return l.v;
}

char *spark_file_name(struct arena *a, const struct run *run)
{
	struct oci_uri uri;
	const char *name =
		oci_uri_parse(run->file_uri, a, &uri) ? fs_basename(uri.object) : "program";
	const char *suffix = text_equal(run->language, "PYTHON") ? ".py"
		: text_equal(run->language, "SQL")               ? ".sql"
								 : ".jar";
	if (text_empty(name) || text_equal(name, ".") || text_equal(name, ".."))
		name = "program";
	return arena_printf(a, "%s%s", name, text_ends(name, suffix) ? "" : suffix);
}
