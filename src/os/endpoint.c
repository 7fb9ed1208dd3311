/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/endpoint.h"

bool os_endpoint_at(size_t index, char *path, size_t room)
{
    static bool (*const find[OS_ENDPOINTS])(char *path, size_t room) = {
        [OS_ENDPOINT_LOWER] = os_lower_endpoint,
        [OS_ENDPOINT_USER] = os_user_endpoint,
        [OS_ENDPOINT_MACHINE] = os_machine_endpoint};
    return index < OS_ENDPOINTS && find[index](path, room);
}
