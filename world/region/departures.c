/* SPDX-License-Identifier: Apache-2.0
 * See departures.h. */
#include "world/region/departures.h"

#include "world/region/model.h"

static const struct str departure_words[] = {
#define X(name, word, help) STR(word),
    REGION_DEPARTURES(X)
#undef X
};
_Static_assert(DEPARTURES_N <= 64, "a bit for each");

int region_depart(struct region *region, struct list words, struct err *e)
{
    uint64_t departures = 0;
    for (size_t i = 0; i < words.n; i++) {
        struct str word = *LIST_AT(words, struct str, i);
        size_t k = 0;
        while (k < DEPARTURES_N && !str_eq(word, departure_words[k]))
            k++;
        if (k == DEPARTURES_N)
            return err_set(e, E_MALFORMED, "departures: there is no '%.*s'", STR_ARG(word));
        departures |= (uint64_t)1 << k;
    }
    region->departures = departures;
    return 0;
}

bool region_departs(const struct region *region, enum departure departure)
{
    return region->departures >> departure & 1;
}
