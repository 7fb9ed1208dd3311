/* SPDX-License-Identifier: BSD-2-Clause */
/* Rates and parameters that a reader or a card does not take: what is agreed on then, and
 * that commands go through. */
#include "ccid_rig.h"
#include "tests/support/check.h"

static struct rig_result result;

struct agreed {
    const char *specification;
    uint32_t protocol;
    enum sc_error error;
    uint8_t fidi;      /* in force in the end */
    uint64_t controls; /* requests on endpoint 0 until the reader is open */
};

static void try_slot(const struct agreed *wanted, uint32_t slot)
{
    enum sc_error error = SC_OK;
    unsigned before = check_failures;
    struct ccid_rig *rig = ccid_rig_new(wanted->specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(rig->counter.controls, wanted->controls);
    CHECK_EQ(ccid_rig_connect(rig, slot, wanted->protocol), wanted->error);
    if (wanted->error == SC_OK) {
        CHECK_EQ(rig->ccid.slots[slot].card.fidi, wanted->fidi);
        CHECK(ccid_rig_counts(rig, slot, 5, &result));
        CHECK(ccid_rig_echoes(rig, slot, 200, &result));
    }
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s\n", wanted->specification);
}

static void try_one(const struct agreed *wanted)
{
    try_slot(wanted, 0);
}

/* Readers that announce no table have every rate up to the highest: what they answer when
 * they are asked for one does not count, so they are not asked. */
static const struct agreed rates[] = {
    {"feitian_096e?atr=3B1096", PROTOCOL_T0, SC_OK, 0x96, 0},
    {"feitian_096e?atr=3B90961000", PROTOCOL_T0, SC_OK, 0x96, 0},
    {"gempc_twin?atr=3B1096&rates=9600", PROTOCOL_T0, SC_OK, 0x96, 0},
    /* Those that announce one have what it says. */
    {"omnikey_3x21?atr=3B1096", PROTOCOL_T0, SC_OK, 0x96, 1},
    {"omnikey_3x21?atr=3B1096&rates=10752,75000", PROTOCOL_T0, SC_OK, 0x94, 1},
    {"omnikey_3x21?atr=3B1096&rates=10752", PROTOCOL_T0, SC_OK, 0x11, 1},
    {"gemcore_sim_pro?atr=3B1096", PROTOCOL_T0, SC_OK, 0x96, 0},
};

/* The same reader's second slot. */
static const struct agreed second_slot[] = {
    {"gemcore_sim_pro?atr=3B1096", PROTOCOL_T0, SC_OK, 0x95, 0},
    {"gemcore_sim_pro?atr=3B1094", PROTOCOL_T0, SC_OK, 0x11, 0},
};

/* A card that has no PPS; a reader that has no such rate. */
static const struct agreed refusals[] = {
    /* The reader does the PPS. */
    {"scr331?pps=0&atr=3B7F12000044564E5445434820526576353376", PROTOCOL_T0, SC_OK, 0x11,
     0},
    {"scr331?pps=0&atr=3B9096800151", PROTOCOL_T0, SC_OK, 0x11, 0},
    {"scr331?pps=0&atr=3BD018FF8131FE4588", PROTOCOL_T1, SC_OK, 0x11, 0},
    {"kaan_advanced?pps=0&atr=3B7F12000044564E5445434820526576353376", PROTOCOL_T0, SC_OK,
     0x11, 0},
    /* We do. */
    {"gempc_twin?pps=0&atr=3B7F12000044564E5445434820526576353376", PROTOCOL_T0, SC_OK,
     0x11, 0},
    /* The card's other protocol is not to be had without PPS. */
    {"gempc_twin?pps=0&atr=3B9096800197", PROTOCOL_T1, SC_E_PROTO_MISMATCH, 0, 0},
    {"scr331?pps=0&atr=3B9096800197", PROTOCOL_T1, SC_E_PROTO_MISMATCH, 0, 0},
    /* The card agreed, and then the reader does not. */
    {"gempc_twin?card=t0&fault=RATE_REFUSED:10*9", PROTOCOL_T0, SC_OK, 0x11, 0},
    {"gempc_twin?card=t1&fault=RATE_REFUSED:10*9", PROTOCOL_T1, SC_OK, 0x11, 0},
    {"gempc_twin?card=t1&fault=RATE_REFUSED:0*9", PROTOCOL_T1, SC_OK, 0x11, 0},
    {"gempc_twin?card=t1&fault=RATE_REFUSED:254*9", PROTOCOL_T1, SC_OK, 0x11, 0},
    /* The other way round: its own PPS comes after its refusal. */
    {"scr331?card=t1&fault=RATE_REFUSED:254*9", PROTOCOL_T1, SC_OK, 0x11, 0},
};

/* Memory cards have an ATR of the reader's making, and no parameters. */
static const struct agreed memory[] = {
    {"acr38u?atr=3B041704FFFF&fault=PARAMETERS_REFUSED:254*9", PROTOCOL_T0, SC_OK, 0x11,
     0},
    {"acr38u?atr=3B04A2131091&fault=PARAMETERS_REFUSED:254*9", PROTOCOL_T0, SC_OK, 0x11,
     0},
    {"scr331?atr=3B04A2131091&fault=PARAMETERS_REFUSED:246*9", PROTOCOL_T0, SC_OK, 0x11,
     0},
    {"acr38u?atr=3F04A2131091&fault=PARAMETERS_REFUSED:254*9", PROTOCOL_T0, SC_OK, 0x11,
     0},
    /* One that wants more guard time than the default cannot do without. */
    {"acr38u?atr=3B4020&fault=PARAMETERS_REFUSED:254*9", PROTOCOL_T0, SC_E_PROTO_MISMATCH,
     0, 0},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(second_slot) / sizeof(second_slot[0]); i++)
        try_slot(&second_slot[i], 1);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        try_one(&rates[i]);
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        try_one(&refusals[i]);
    for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
        try_one(&memory[i]);
    return check_result();
}
