/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver whose readers do what the seed says, and which looks whether its host keeps
 * the rules of manager/driver.h. */
#ifndef TESTS_SIM_SIM_DRIVER_H
#define TESTS_SIM_SIM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_DEVICES = 5 };

/* Something happens to a reader: a card comes or goes, or the reader itself does. */
void sim_driver_event(void);
/* From now on jobs end soon. */
void sim_driver_calm(bool calm);
/* Whether it was started and not stopped, and readers that were not closed so far. */
bool sim_driver_runs(void);
uint32_t sim_driver_open(void);

struct sim_driver_counts {
    uint64_t jobs, stopped, ignored, late, gone_while_stopped;
};
extern struct sim_driver_counts sim_driver_counts;

#endif
