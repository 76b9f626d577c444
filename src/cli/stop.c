/* Signals that ask to stop. */
#include "cli/cli.h"

#include <signal.h>

bool cli_stop;
int cli_stops, cli_stops_heard = 1, cli_stop_signal;

static void on_signal(int number)
{
	cli_stop = true;
	cli_stop_signal = number;
	if (cli_stops++ < cli_stops_heard)
		return;
	signal(number, SIG_DFL);
	raise(number);
}

/* No SA_RESTART: a prompt must end too. */
void cli_stop_listen(void)
{
	struct sigaction stop = {.sa_handler = on_signal};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
}
