/* SPDX-License-Identifier: Apache-2.0
 * Chance from the seed: splitmix64, one stream a purpose. */
#include <math.h>
#include <stdio.h>

#include "world/region/model.h"

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

void random_init(struct region *region, int64_t seed)
{
    for (size_t i = 0; i < STREAMS_N; i++)
        region->random[i] = mix((uint64_t)seed * STREAMS_N + i + 1);
}

uint64_t random_bits(struct region *region, enum stream stream)
{
    region->random[stream] += 0x9e3779b97f4a7c15U;
    return mix(region->random[stream]);
}

int64_t random_below(struct region *region, enum stream stream, int64_t n)
{
    EBB_ASSERT(n > 0);
    /* The bias of a remainder is below 2^-30 for every n used here. */
    return (int64_t)((random_bits(region, stream) >> 1) % (uint64_t)n);
}

bool random_percent(struct region *region, enum stream stream, int64_t percent)
{
    return percent > 0 && random_below(region, stream, 100) < percent;
}

int64_t random_about(struct region *region, int64_t mean_ms)
{
    if (mean_ms <= 1) return mean_ms;
    return mean_ms - mean_ms / 4 + random_below(region, STREAM_TIMES, mean_ms / 2 + 1);
}

int64_t random_exponential(struct region *region, double mean_ms)
{
    /* 53 bits in (0, 1], so that the logarithm is finite. */
    double u = ((double)(random_bits(region, STREAM_LOAD) >> 11) + 1.0) / 9007199254740992.0;
    double ms = -log(u) * mean_ms;
    return ms < 1.0 ? 1 : (int64_t)ms;
}

void random_hex(struct region *region, char *out, size_t chars)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = 0;
    for (size_t i = 0; i < chars; i++) {
        if (i % 16 == 0) bits = random_bits(region, STREAM_IDS);
        out[i] = digits[bits & 15];
        bits >>= 4;
    }
    out[chars] = '\0';
}

void random_uuid(struct region *region, char out[UUID_BYTES])
{
    char hex[33];
    random_hex(region, hex, 32);
    hex[12] = '4';
    hex[16] = "89ab"[hex[16] & 3];
    (void)snprintf(out, UUID_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                   hex + 20); /* always 36 characters */
}
