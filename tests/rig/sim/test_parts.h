/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of test_sim. Each adds what failed. */
#ifndef RIG_SIM_TEST_PARTS_H
#define RIG_SIM_TEST_PARTS_H

extern unsigned test_failures;

void test_paths(void);
void test_faults(void);
void test_direct(void);
void test_random(void);

#endif
