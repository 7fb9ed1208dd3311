/* SPDX-License-Identifier: BSD-2-Clause */
/* A polkitd that answers as it is told, on a message bus of the test's own that stands in
 * for the system's. */
#ifndef TESTS_UNIT_SERVICE_MOCK_POLKITD_H
#define TESTS_UNIT_SERVICE_MOCK_POLKITD_H

#include <stdbool.h>
#include <stdint.h>

enum mock_answer { MOCK_YES, MOCK_NO, MOCK_ERROR, MOCK_SILENT };

/* What the last question said. */
struct mock_question {
    char action[64], reader[64], kind[32];
    uint32_t pid, flags, count; /* count: of questions so far */
    uint64_t start_time;
    int32_t uid;
    uint32_t cancelled; /* questions that were taken back */
};

/* The bus alone; then nobody answers. */
void mock_bus_start(void);
void mock_bus_stop(void);
void mock_polkitd_start(void);
void mock_polkitd_stop(void);
void mock_polkitd_answer(enum mock_answer answer);
void mock_polkitd_look(struct mock_question *question);

#endif
