#include "local/runner/runner_principal.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "local/identity/identity.h"
#include "local/identity/sessions.h"
#include "local/runner/runner_inside.h"

#include "job_python.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 1000 };

int64_t runner_principal_lifetime(void)
{
	int64_t s;
	const char *told = getenv("WEIR_LOCAL_TOKEN_SECONDS");
	return told && text_i64(told, &s) && s > 0 && s <= RUNNER_TOKEN_S ? s : RUNNER_TOKEN_S;
}

static EVP_PKEY *key_of(const struct runner_slot *slot)
{
	pthread_mutex_lock(&slot->runner->lock);
	EVP_PKEY *key = slot->key;
	if (key)
		EVP_PKEY_up_ref(key);
	pthread_mutex_unlock(&slot->runner->lock);
	return key;
}

static bool renew(struct runner_job *job, struct err *err)
{
	arena_auto a = {0};
	struct service *s = job->service;
	int64_t now = clock_wall(s->clock) / 1000;
	struct session_claims claims = {.run = job->run->id,
		.compartment = job->run->compartment_id,
		.tenancy = job->user->tenancy->id,
		.issued_s = now,
		.expires_s = now + job->slot->runner->token_s,
		.key = key_of(job->slot)};
	if (!claims.key)
		return err_set(err, ERR_IO, "the run has no key");
	const char *token = sessions_issue(s->sessions, &claims, &a, err);
	EVP_PKEY_free(claims.key);
	/* Whole at any time, for whoever reads it meanwhile. */
	return token && fs_write(job->place.token_file, token, strlen(token), 0600, err);
}

static int64_t due(const struct runner_job *job)
{
	return clock_mono(job->service->clock) + job->slot->runner->token_s * 1000 / 2;
}

bool runner_principal_make(struct runner_job *job, struct err *err)
{
	struct arena *a = job->arena;
	const char *folder = arena_printf(a, "%s/principal", job->place.folder);
	if (!fs_mkdirs(folder, 0700, err) ||
		!fs_write(fs_join(a, folder, "sitecustomize.py"), job_python, strlen(job_python),
			0600, err))
		return false;
	job->place.python = folder;
	job->place.region = job->service->region;
	/* Without its own key a service, a test's, issues no token. */
	if (!job->service->sessions)
		return true;
	job->place.token_file = fs_join(a, folder, "rpst");
	job->token_due = due(job);
	return renew(job, err);
}

int64_t runner_principal_keep(struct runner_job *job)
{
	struct err err;
	if (!job->place.token_file)
		return INT64_MAX;
	if (clock_mono(job->service->clock) < job->token_due)
		return job->token_due;
	if (renew(job, &err)) {
		job->token_due = due(job);
	} else {
		fprintf(stderr, "weir-local: run %s: its token is not renewed: %s\n", job->run->id,
			err.text);
		job->token_due = clock_mono(job->service->clock) + RETRY_MS;
	}
	return job->token_due;
}
