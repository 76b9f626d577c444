/*
 * What a command that talks to the service needs, in the order in which it can fail: the file, then the file
 * resolved without the service (a file with mistakes changes nothing), then the config file or the local
 * service, then the file resolved with what only the service knows. session_open_early tells in the same order, though it
 * works in another.
 *
 * What is live can also be asked for where there is no file: then the OCI config alone says where and as whom.
 *
 *	session_auto s = {0};
 *	if (!session_open(&s, cli, true, err) || !session_load(&s, err))
 *		return false;
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/cli.h"
#include "live/ahead.h"
#include "live/cache.h"
#include "oci/oci.h"

struct session {
	struct cli *cli;
	/* Without a file spec, pipeline and owner are NULL, and compartment_id is if nobody gave one. */
	struct spec *spec;
	const struct target_decl *target; /* never NULL */
	const char *pipeline, *target_name;
	bool local;           /* weir-local of this machine, not an endpoint given */
	bool can_run;         /* false: the local service lacks Java or Spark */
	const char *run_hint; /* then: what to do about it */
	struct oci_config config;
	struct oci *oci;
	const char *endpoint; /* that was given for all services; NULL: by region */
	const char *compartment_id;
	const char *owner; /* "<pipeline>/<target>" */
	/* After session_load, or session_open_early. */
	struct live_ahead
		*ahead; /* of the target's compartment, by session_open_early; NULL: taken */
	struct live_cache *cache;
	struct ns_wait
		*ns_asked; /* what builtins.ns is to be compared with; NULL: it is the service's */
	struct spec_builtins builtins;
	const struct pipeline *desired;
	struct resources want;
};

/* The file alone, without the service: ERR_SPEC with an empty text when cli->diags has errors. s need not be
   connected; s->desired and s->want hold stand-ins. */
bool session_check(struct session *s, struct cli *cli, struct err *err);
/* Its archives alone, for who builds them: s->desired has nothing else, s->want is empty. */
bool session_archives(struct session *s, struct cli *cli, struct err *err);
/* Opens the file and connects. check: first as session_check, so that mistakes are found before. */
bool session_open(struct session *s, struct cli *cli, bool check, struct err *err);
/* As session_open without check, also where no file is given and DIR has no pipeline.yaml: then s->spec is NULL, -t may
   be `local`, and otherwise config, profile, endpoint and region are found as by Oracle's command line. */
bool session_open_any(struct session *s, struct cli *cli, struct err *err);
/* For what only a pipeline has (`what`, such as "`last`"): ERR_USAGE without a file. */
bool session_need_file(const struct session *s, const char *what, struct err *err);
/* For what only a compartment has: ERR_USAGE without one. */
bool session_need_compartment(const struct session *s, struct err *err);
/* It has pages of its own, and OCI's console has none of it. */
bool session_has_pages(const struct session *s);
/* Asks the service for its namespace; in the session's arena. */
bool session_namespace(struct session *s, const char **ret, struct err *err);
/* Resolves the file with what the service knows; there is one. */
bool session_load(struct session *s, struct err *err);
/* Both, checked first, for what reads the live service next: the list of applications begins already. And with the
   namespace that the service had the last time, if that is known: the file is resolved but once then, and the namespace is
   asked for beside what comes next, and is to be confirmed before anything comes of it. For a file
   that is wrong nothing is started or asked of the user, and its mistakes are told before those of config file, key and
   service: those two requests may be under way by then, and are not waited for. */
bool session_open_early(struct session *s, struct cli *cli, struct err *err);
/* *ret_changed: it is another, and the file is resolved anew. */
bool session_confirm(struct session *s, bool *ret_changed, struct err *err);
void session_clear(struct session *s);

static inline void session_cleanup(struct session *s)
{
	session_clear(s);
}
#define session_auto __attribute__((cleanup(session_cleanup))) struct session

#endif
