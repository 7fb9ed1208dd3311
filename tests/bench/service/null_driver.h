/* SPDX-License-Identifier: BSD-2-Clause */
/* "null:?readers=N": see null_card.h and null_driver.c. */
#ifndef TESTS_BENCH_SERVICE_NULL_DRIVER_H
#define TESTS_BENCH_SERVICE_NULL_DRIVER_H

#include "manager/driver.h"

extern const struct driver null_driver;

#endif
