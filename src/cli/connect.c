#include "cli/connect.h"

#include "base/text.h"
#include "cli/credentials.h"
#include "cli/local_service.h"

#include <stdlib.h>

static bool is_local(const struct session *s)
{
	return text_equal(s->target->type, "local");
}

static const char *endpoint_of(const struct session *s)
{
	return s->cli->endpoint ? s->cli->endpoint : s->target->endpoint;
}

bool connect_is_principal(const struct session *s)
{
	const char *auth = s->cli->auth ? s->cli->auth : s->target ? s->target->auth : NULL;
	return oci_auth_asks(&(struct oci_config_options){.auth = auth});
}

bool connect_asks(const struct session *s)
{
	return (is_local(s) && !endpoint_of(s)) || connect_is_principal(s);
}

static bool find_local(
	struct session *s, struct oci_options *o, struct oci_config_options *who, struct err *err)
{
	const struct cli *cli = s->cli;
	if (cli->config_file || cli->region || cli->auth) {
		err_set(err, ERR_USAGE,
			"target %s is the local service of this machine: it has its own config "
			"file, key and region",
			s->target_name);
		return err_hint(err, "name another target with -t, or give --endpoint too");
	}
	struct local_service service = {0};
	if (!local_service_start(s->cli, &service, err))
		return false;
	o->endpoint = service.endpoint;
	*who = (struct oci_config_options){.file = service.config_file,
		.profile = cli->profile ? cli->profile : service.profile,
		.region = s->target->region,
		.no_environment = true};
	s->can_run = service.can_run;
	s->run_hint = service.run_hint;
	return true;
}

static bool choose_compartment(struct session *s, struct err *err)
{
	const char *given = s->cli->compartment_id;
	s->compartment_id = given ? given : s->target->compartment_id;
	if (!s->compartment_id && is_local(s))
		s->compartment_id = s->config.tenancy;
	return s->compartment_id || !s->spec || session_need_compartment(s, err);
}

/* Who asks without a file asks as the OCI command line would. */
static const char *endpoint_of_environment(const struct session *s)
{
	const char *url = s->spec ? NULL : getenv("OCI_CLI_ENDPOINT");
	return text_empty(url) ? NULL : url;
}

/* A principal's are asked for, which may take seconds where nobody answers. */
static bool find_credentials(
	struct session *s, struct oci_config_options *who, bool ask, struct err *err)
{
	struct cli *cli = s->cli;
	if (!oci_auth_asks(who))
		return credentials_load(cli, who, ask, &s->config, err);
	progress_send(&cli->progress, PROGRESS_START, "principal", 0, 0, "asking for its token");
	bool ok = credentials_load(cli, who, ask, &s->config, err);
	progress_send(
		&cli->progress, ok ? PROGRESS_DONE : PROGRESS_FAILED, "principal", 0, 0, NULL);
	return ok;
}

bool connect_service(struct session *s, bool ask, struct err *err)
{
	struct cli *cli = s->cli;
	const struct target_decl *t = s->target;
	struct oci_config_options who = {
		.file = cli->config_file ? cli->config_file : t->config_file,
		.profile = cli->profile ? cli->profile : t->profile,
		.region = cli->region ? cli->region : t->region,
		.auth = cli->auth ? cli->auth : t->auth};
	struct oci_options o = {.config = &s->config,
		.endpoint = endpoint_of(s),
		.clock = cli->clock,
		.progress = &cli->progress,
		.attempts = cli->retries.set ? (int)cli->retries.v + 1 : 0,
		.connect_timeout_ms = 1000 * cli->connection_timeout.v,
		.silence_timeout_ms = 1000 * cli->read_timeout.v,
		.user_agent = "weir/" WEIR_VERSION,
		.stop = &cli_stop};
	s->can_run = true;
	if (!o.endpoint && !is_local(s))
		o.endpoint = endpoint_of_environment(s);
	s->local = is_local(s) && !o.endpoint;
	if (s->local && !find_local(s, &o, &who, err))
		return false;
	if (!credentials_certificates(cli, &o.ca_file, err))
		return false;
	who.principal = (struct principal_options){.endpoint = o.endpoint,
		.ca_file = o.ca_file,
		.clock = cli->clock,
		.stop = &cli_stop};
	if (!find_credentials(s, &who, ask, err))
		return false;
	if (!choose_compartment(s, err))
		return false;
	s->endpoint = s->local ? NULL : o.endpoint;
	s->oci = oci_new(&o, err);
	return s->oci;
}
