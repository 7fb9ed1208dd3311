/* SPDX-License-Identifier: BSD-2-Clause */
/* Where this project's files and sockets are on this system, if no setting names another
 * place. The texts are of static storage. */
#ifndef OS_ENDPOINT_H
#define OS_ENDPOINT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* The socket of this user's own service; its directory is the user's alone. False: there
 * is no such place, or it has no room. */
bool os_user_service(char *path, size_t room) MUST_CHECK;
/* The file by which this user's programs that cannot use that socket find the service, and
 * the file of the machine's service. The same; the machine has one on Windows alone. */
bool os_user_endpoint(char *path, size_t room) MUST_CHECK;
bool os_machine_endpoint(char *path, size_t room) MUST_CHECK;
/* Under Wine: such a file of a service of the system below. */
bool os_lower_endpoint(char *path, size_t room) MUST_CHECK;
/* These three, in the order in which programs look where there are no Unix sockets. */
enum { OS_ENDPOINT_LOWER, OS_ENDPOINT_USER, OS_ENDPOINT_MACHINE, OS_ENDPOINTS };
bool os_endpoint_at(size_t index, char *path, size_t room) MUST_CHECK;
/* The setting that the place of either file depends on, for messages. */
const char *os_endpoint_setting(bool machine);
/* Starts what makes that file for a service which has a Unix socket alone: a process of the
 * system below, under Wine. True: it was started, and the file may be there soon. */
bool os_start_endpoint(void);
/* The setting that the socket depends on, for messages. */
const char *os_user_service_setting(void);
/* The user that the machine's service runs as. */
#define OS_SERVICE_USER "winscard"
/* The socket of the machine's service. The administrator alone makes files there. "":
 * there are no Unix sockets. */
const char *os_machine_service(void);
/* The socket of pcscd. */
const char *os_pcscd_service(void);

/* The directories of the machine's configuration, of its card database, and the one where
 * packages of the system put descriptions of cards. */
const char *os_machine_config(void);
const char *os_machine_data(void);
const char *os_packaged_cards(void);
/* The directories of this user's configuration and card database. False: there is no such
 * place, or it has no room. */
bool os_user_config(char *path, size_t room) MUST_CHECK;
bool os_user_data(char *path, size_t room) MUST_CHECK;

/* Where the system shows what is known of USB devices, and where their nodes are:
 * "" if there are none. */
const char *os_usb_devices(void);
const char *os_usb_nodes(void);
/* Where pcscd's files name readers that are not found by themselves. "": nowhere. */
const char *os_pcscd_readers(void);
/* Where the bundles of pcscd's drivers are. "": nowhere. */
const char *os_pcscd_bundles(void);
/* The program that runs such drivers, as it is installed. "": there is none. */
const char *os_ifd_program(void);

#endif
