/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of sockets alone: the calls are the system's own. On Windows its own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winsock2.h>
#endif

#ifndef WINSCARD_WINSOCK2_H
#define WINSCARD_WINSOCK2_H

#ifndef WINSCARD_ON_WINDOWS

#include "windef.h"

#ifdef WINSCARD_OWN_WINDOWS

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A descriptor. WSAStartup() and closesocket() are not here: a program that has sockets is
 * changed to the system's calls, where closing is close(). */
typedef int SOCKET;
#define INVALID_SOCKET (-1)
#define SOCKET_ERROR   (-1)

typedef struct sockaddr SOCKADDR, *PSOCKADDR, *LPSOCKADDR;
typedef struct sockaddr_in SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;
typedef struct sockaddr_in6 SOCKADDR_IN6;
typedef struct in_addr IN_ADDR;
typedef struct in6_addr IN6_ADDR;
typedef struct hostent HOSTENT, *LPHOSTENT;
typedef struct timeval TIMEVAL;
typedef struct addrinfo ADDRINFOA;
typedef fd_set FD_SET;

#define SD_RECEIVE SHUT_RD
#define SD_SEND    SHUT_WR
#define SD_BOTH    SHUT_RDWR

#endif
#endif
#endif
