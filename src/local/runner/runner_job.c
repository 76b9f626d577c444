/* Making a run ready, and what remains to be done when it has ended. */
#include "local/runner/runner_inside.h"

#include "base/fs.h"
#include "base/text.h"
#include "http/sign.h"
#include "local/identity/identity.h"
#include "local/objectstorage/bucket_row.h"
#include "local/runner/cluster.h"
#include "local/runner/conda.h"
#include "local/runner/runner_log.h"
#include "local/runner/runner_principal.h"
#include "local/runner/spark_defaults.h"
#include "local/server/server.h"
#include "local/store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BITS = 2048 };

/* Data Flow's defaults, which its users need not make here; any other bucket is theirs to make. */
static bool is_default_bucket(const char *name)
{
	return text_equal(name, "dataflow-logs") || text_equal(name, "dataflow-warehouse");
}

static bool check_namespace(
	const struct runner_job *job, const char *what, const struct oci_uri *uri, struct err *err)
{
	if (text_equal(uri->ns, job->service->ns))
		return true;
	return err_set(err, ERR_NOT_FOUND,
		"%s names the namespace `%s`; that of this service is `%s`", what, uri->ns,
		job->service->ns);
}

static bool check_bucket(
	struct runner_job *job, const char *what, const char *address, struct err *err)
{
	struct oci_uri uri;
	if (text_empty(address))
		return true;
	if (!oci_uri_parse(address, job->arena, &uri))
		return err_set(err, ERR_INVALID, "%s is not " OCI_URI_BUCKET_DOC, what);
	if (!check_namespace(job, what, &uri, err))
		return false;
	if (is_default_bucket(uri.bucket) ||
		bucket_row_id(store_db(job->service->store), uri.bucket))
		return true;
	return err_set(err, ERR_NOT_FOUND, "%s: there is no bucket `%s` in the namespace `%s`",
		what, uri.bucket, uri.ns);
}

static bool write_key(EVP_PKEY *key, const char *path, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *bytes;
	bool ok = bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	long n = ok ? BIO_get_mem_data(bio, &bytes) : 0;
	ok = n > 0 ? fs_write(path, bytes, (size_t)n, 0600, err)
		   : err_set(err, ERR_IO, "the run's key can't be written");
	BIO_free(bio);
	return ok;
}

/* From here on requests that this key signs are the run's; until the slot gives it up. */
static bool make_key(struct runner_job *job, struct err *err)
{
	struct runner_slot *slot = job->slot;
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	char fingerprint[48];
	if (!key)
		return err_set(err, ERR_IO, "the run's key can't be made");
	if (!sign_fingerprint(key, fingerprint, err) || !write_key(key, job->place.key_file, err)) {
		EVP_PKEY_free(key);
		return false;
	}
	job->place.fingerprint = arena_strdup(job->arena, fingerprint);
	pthread_mutex_lock(&slot->runner->lock);
	snprintf(slot->key_id, sizeof slot->key_id, "%s/%s/%s", job->place.tenancy, job->place.user,
		fingerprint);
	slot->key = key;
	pthread_mutex_unlock(&slot->runner->lock);
	return true;
}

/* What the user may not read is not there for the run. */
static bool may_read(const struct runner_job *job, const char *bucket)
{
	const char *id = bucket_row_compartment(store_db(job->service->store), job->arena, bucket);
	const struct identity_compartment *c = id
		? identity_compartment(service_identity(job->service), job->user->tenancy, id)
		: NULL;
	return job->user->administrator ||
		(c && identity_allows(job->user, VERB_READ, TYPE_OBJECT, c));
}

/* A descriptor of the object that the address names; -1 with the field named. */
static int open_object(
	struct runner_job *job, const char *what, const char *address, struct err *err)
{
	struct oci_uri uri;
	uint64_t size;
	if (!oci_uri_parse(address, job->arena, &uri)) {
		err_set(err, ERR_INVALID, "%s is not " OCI_URI_DOC, what);
		return -1;
	}
	if (!check_namespace(job, what, &uri, err))
		return -1;
	int fd = -1;
	if (may_read(job, uri.bucket))
		fd = store_object_open(job->service->store, uri.bucket, uri.object, &size, err);
	else
		err_set(err, ERR_NOT_FOUND, "%s", "");
	if (fd < 0 && err->kind == ERR_NOT_FOUND)
		err_set(err, ERR_NOT_FOUND, "%s: there is no object `%s` in the bucket `%s`", what,
			uri.object, uri.bucket);
	return fd;
}

static bool copy_to(int from, const char *path, struct err *err)
{
	fd_auto to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return err_errno(err, ERR_IO, "%s", path);
	return fs_copy_all(from, to, err) || err_wrap(err, "%s", path);
}

static bool fetch_program(struct runner_job *job, struct err *err)
{
	fd_auto from = open_object(job, "fileUri", job->run->file_uri, err);
	return from >= 0 && copy_to(from, job->place.file, err);
}

/* Unpacked by the job itself. */
static bool fetch_conda(struct runner_job *job, struct err *err)
{
	const char *address = conda_address(job->arena, job->run);
	if (!address)
		return true;
	fd_auto from = open_object(job, "spark.archives", address, err);
	job->place.conda = arena_printf(job->arena, "%s/conda.tar.gz", job->place.folder);
	return from >= 0 && copy_to(from, job->place.conda, err);
}

static void append(struct arena *a, const char ***v, size_t *n, const char **more, size_t more_n)
{
	const char **all = arena_array(a, *n + more_n, sizeof *all);
	for (size_t i = 0; i < *n; i++)
		all[i] = (*v)[i];
	for (size_t i = 0; i < more_n; i++)
		all[*n + i] = more[i];
	*v = all;
	*n += more_n;
}

static bool fetch_archive(
	struct runner_job *job, const char *address, unsigned number, struct err *err)
{
	struct arena *a = job->arena;
	struct runner_archive one, *all = &job->place.archive;
	const char *folder = arena_printf(a, "%s/archive/%u", job->place.folder, number);
	fd_auto fd = open_object(job, "archiveUri", address, err);
	if (fd < 0)
		return false;
	if (!runner_archive_unpack(fd, folder, a, &one, err))
		return err_wrap(err, "archiveUri");
	append(a, &all->python, &all->python_n, one.python, one.python_n);
	append(a, &all->jars, &all->jars_n, one.jars, one.jars_n);
	return true;
}

/* One, or several joined by commas. */
static bool fetch_archives(struct runner_job *job, struct err *err)
{
	unsigned number = 0;
	char *rest = arena_strdup(job->arena, job->run->archive_uri);
	for (char *one = strsep(&rest, ","); one; one = strsep(&rest, ",")) {
		one += strspn(one, " ");
		if (*one && !fetch_archive(job, one, number++, err))
			return false;
	}
	return true;
}

static void set_place(struct runner_job *job)
{
	struct arena *a = job->arena;
	struct service *s = job->service;
	char *folder = runner_place_folder(a, s->home, job->run->id);
	job->place = (struct spark_place){
		.folder = folder,
		.work = arena_printf(a, "%s/work", folder),
		.tmp = arena_printf(a, "%s/tmp", folder),
		.properties = arena_printf(a, "%s/spark.properties", folder),
		.file = arena_printf(a, "%s/%s", folder, spark_file_name(a, job->run)),
		.key_file = arena_printf(a, "%s/key.pem", folder),
		.port = s->server ? server_port(s->server) : 0,
	};
	for (int i = 0; i < RUNNER_LOGS; i++)
		job->logs[i] =
			runner_place_log_file(a, s->home, job->run->id, &runner_place_logs[i]);
}

/* The run acts as the user who launched it. */
static bool find_user(struct runner_job *job, struct err *err)
{
	const struct identity_user *user =
		identity_user(service_identity(job->service), job->run->owner_principal_id);
	if (!user)
		return err_set(err, ERR_CONFIG, "the user who launched the run, %s, is no more",
			job->run->owner_principal_id);
	job->user = user;
	job->place.tenancy = user->tenancy->id;
	job->place.user = user->id;
	return true;
}

bool runner_job_prepare(struct runner_job *job, struct err *err)
{
	set_place(job);
	return find_user(job, err) &&
		check_bucket(job, "logsBucketUri", job->run->logs_bucket_uri, err) &&
		check_bucket(job, "warehouseBucketUri", job->run->warehouse_bucket_uri, err) &&
		fs_mkdirs(job->place.work, 0700, err) && fs_mkdirs(job->place.tmp, 0700, err) &&
		fetch_program(job, err) && fetch_archives(job, err) && fetch_conda(job, err) &&
		make_key(job, err) && runner_principal_make(job, err);
}

bool runner_launch_spark(struct runner_job *job, struct runner_command *ret, struct err *err)
{
	struct arena *a = job->arena;
	struct spark spark;
	buf_auto properties = {0};
	if (!spark_find(&spark, job->service->installed, a, err))
		return false;
	spark.master = job->service->spark_master;
	if (spark.master && !cluster_answers(spark.master, err))
		return false;
	if (spark.master) {
		job->executors = arena_new(a, struct runner_executors);
		*job->executors = (struct runner_executors){.arena = a, .run_id = job->run->id};
	}
	if (!spark_defaults_read(job->service->installed, a, &job->place.defaults, err))
		return false;
	spark_properties(&spark, job->run, &job->place, &properties);
	if (!fs_write(job->place.properties, properties.data, properties.len, 0600, err))
		return false;
	if (!text_equal(job->run->spark_version, spark.version))
		job->note = arena_printf(a,
			"weir-local: the run asks for Spark %s and runs on %s, which is installed\n",
			job->run->spark_version ? job->run->spark_version : "of no version",
			spark.version);
	*ret = (struct runner_command){
		.argv = spark_arguments(&spark, job->run, &job->place, a),
		.envp = spark_environment(&spark, job->run, &job->place, a),
		.folder = job->place.work,
	};
	return true;
}

void runner_job_log_failure(const struct runner_job *job, const char *why)
{
	struct err ignored;
	const char *text = arena_printf(job->arena, "weir-local: %s\n", why);
	/* Without the folder there may be no bucket for them; with a log it had begun. */
	if (!fs_is_dir(job->place.work) || fs_exists(job->logs[RUNNER_STDERR]))
		return;
	fs_write(job->logs[RUNNER_STDOUT], "", 0, 0600, &ignored);
	fs_write(job->logs[RUNNER_STDERR], text, strlen(text), 0600, &ignored);
}

static bool store_log(struct service *s, const struct run *run, const struct runner_place_log *log,
	const char *path, struct err *err)
{
	arena_auto a = {0};
	struct oci_uri uri;
	buf_auto bytes = {0};
	if (!fs_exists(path))
		return true;
	const char *name = runner_place_log_object(&a, run, log, &uri);
	if (!name)
		return err_set(err, ERR_INVALID, "logsBucketUri is no address");
	struct store_object object = {.bucket = uri.bucket,
		.name = name,
		.content_type = "text/plain",
		.content_encoding = "gzip"};
	return runner_log_gzip(path, &bytes, err) &&
		store_object_put(s->store, &object, bytes.data, bytes.len, err);
}

/* What runner_executors_keep_logs left, by the names that it gave. */
static bool store_executors_logs(struct service *s, const struct run *run, struct err *err)
{
	arena_auto a = {0};
	const char *folder = runner_place_executors(&a, s->home, run->id);
	DIR *d = opendir(folder);
	bool ok = true;
	for (struct dirent *e = d ? readdir(d) : NULL; e && ok; e = readdir(d)) {
		struct runner_place_log log = {.object = arena_printf(&a, "%s.gz", e->d_name)};
		if (e->d_name[0] != '.')
			ok = store_log(s, run, &log, fs_join(&a, folder, e->d_name), err);
	}
	if (d)
		closedir(d);
	return ok;
}

bool runner_job_store_logs(struct service *s, const struct run *run, struct err *err)
{
	arena_auto a = {0};
	bool ok = true;
	for (const struct runner_place_log *log = runner_place_logs; log->object && ok; log++)
		ok = store_log(s, run, log, runner_place_log_file(&a, s->home, run->id, log), err);
	ok = ok && store_executors_logs(s, run, err);
	return ok || err_wrap(err, "its logs could not be stored");
}

/* Python's errors come out of spark-submit's stdout, those of the JVM out of stderr. */
static char *error_line(const struct runner_job *job)
{
	int first = text_equal(job->run->language, "PYTHON") ? RUNNER_STDOUT : RUNNER_STDERR;
	int second = first == RUNNER_STDOUT ? RUNNER_STDERR : RUNNER_STDOUT;
	char *line = runner_log_error(job->arena, job->logs[first]);
	return line ? line : runner_log_error(job->arena, job->logs[second]);
}

char *runner_job_reason(const struct runner_job *job, const struct runner_exit *exit)
{
	struct arena *a = job->arena;
	if (exit->exec_errno)
		return arena_printf(
			a, "The program could not be started: %s.", strerror(exit->exec_errno));
	if (exit->lost)
		return arena_strdup(a, "The processes of the run were killed from outside.");
	const char *how = exit->status > 128
		? arena_printf(a, "The program was ended by signal %d (%s)", exit->status - 128,
			  strsignal(exit->status - 128))
		: arena_printf(a, "The program ended with exit status %d", exit->status);
	char *line = error_line(job);
	return line ? arena_printf(a, "%s: %s", how, line) : arena_printf(a, "%s.", how);
}
