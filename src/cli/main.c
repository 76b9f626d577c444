/* The process: what must hold before anything else runs. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A descriptor of 0, 1 or 2 that is closed would be given to the next file opened, and the result written
   into it. What stands in cannot be written to, so that a closed stdout is an error. */
static void hold_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", O_RDONLY);
}

static void set_signals(void)
{
	cli_stop_listen();
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL); /* a limit of file sizes is an error of a write */
}

int main(int argc, char **argv)
{
	hold_descriptors();
	/* A core would hold the key that signs. Not inherited by what we start. */
	prctl(PR_SET_DUMPABLE, 0);
	set_signals();
	/* Texts are UTF-8, whatever the machine is set to; numbers stay in the C locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	return cli_run(argc, argv, &clock_system);
}
