/* SPDX-License-Identifier: BSD-2-Clause */
/* The seeded simulation: sim [first seed] [number of seeds] [steps per seed].
 * A failing run prints its seed: `sim SEED 1 STEPS` plays it again. */
#include "tests/sim/sim.h"

#include <stdlib.h>

uint32_t sim_random(struct sim *sim, uint32_t n)
{
    sim->random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = sim->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) % n);
}

/* As the settings may be; mostly as they are without any. */
static void choose_rules(struct sim *sim)
{
    sim->rules = slot_default_rules;
    sim->rules.strict = sim_random(sim, 4) == 0;
    if (sim_random(sim, 8) == 0)
        sim->rules.power_off_ms = 0;
    if (sim_random(sim, 8) == 0)
        sim->rules.idle_ms[sim_random(sim, ABI_KINDS)] = 0;
}

static uint64_t run(uint64_t seed, uint64_t steps)
{
    struct sim *sim = calloc(1, sizeof(*sim));
    if (sim == NULL || manager_init(&sim->manager, (uint32_t)seed) != SC_OK)
        exit(2);
    sim->seed = sim->random = seed;
    sim->now_ms = 1000;
    choose_rules(sim);
    while (sim->steps < steps) {
        sim_act(sim);
        sim_check(sim);
    }
    sim_drain(sim);
    uint64_t answered = sim->answered;
    manager_clear(&sim->manager);
    free(sim);
    return answered;
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : 200;
    uint64_t steps = argc > 3 ? strtoull(argv[3], NULL, 10) : 3000;
    uint64_t answered = 0;
    for (uint64_t i = 0; i < seeds; i++)
        answered += run(first + i, steps);
    printf("%llu seeds of %llu steps, %llu requests answered\n",
           (unsigned long long)seeds, (unsigned long long)steps,
           (unsigned long long)answered);
    return answered > 0 ? 0 : 1;
}
