/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd as a service of Windows' service manager: the machine's, which runs as the
 * user "NT SERVICE\winscardd", whom Windows makes for it and nobody can log in as. What
 * goes wrong is said on standard error. */
#ifndef SERVICE_SCM_H
#define SERVICE_SCM_H

#include "service/lifetime.h"

/* Registers this program, to be started with Windows with these options, as its console
 * takes them. Needs an administrator's rights, as the others do. */
bool scm_install(wchar_t **options, int count) MUST_CHECK;
/* Ends it if it runs, and takes it out of the list. */
bool scm_uninstall(void) MUST_CHECK;
/* In the process that the service manager has started: serves; the exit status. */
int scm_run(const struct lifetime_options *options);

#endif
