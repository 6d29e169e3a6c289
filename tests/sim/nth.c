/* SPDX-License-Identifier: Apache-2.0
 * See nth.h. */
#include "tests/sim/nth.h"

#include "tests/sim/courses.h"
#include "tests/sim/points.h"
#include "tests/sim/report.h"

#include <stdio.h>
#include <string.h>

/* What loops ask again and again is one thing: its first times stand for all. */
#define TIMES_OF_STAGE 10
#define TIMES_OF_LOOP  3
#define TEXT_BYTES     200

/* how, and whether the history must come to the very same end. */
static const struct {
    const char *word, *mode;
    bool goes_on;
} MODES[] = {
    {"surely not done", "before", false}, {"not done, unknown", "lost", false},
    {"done, unknown", "after", false},    {"dies before", "dies_before", false},
    {"dies after", "dies_after", false},  {"fails for good", "before", true},
};
#define MODES_N EBB_COUNT(MODES)

struct tally {
    int64_t points, played, wrong;
};

static bool has_mode(enum call_port port, const char *mode)
{
    return port != CALL_CALLBACK || strcmp(mode, "lost") != 0;
}

static bool play_point(const struct course *course, const char *directed)
{
    struct sim_options o = {.seed = 1, .course = course->name};
    struct violation violation;
    if (directed) o.directed[o.directed_n++] = directed;
    play_in_course(&o, &violation);
    if (violation.format) report_print(&o, &violation, false);
    return !violation.format;
}

static void play_kind(const struct course *course, const struct point *p, struct tally *out)
{
    bool is_loop = strcmp(p->role, "timers") == 0 || strcmp(p->role, "relay") == 0 ||
                   strcmp(p->role, "alarms") == 0;
    int64_t most = is_loop ? TIMES_OF_LOOP : TIMES_OF_STAGE;
    for (int64_t i = 1; i <= p->times && i <= most; i++) {
        out->points++;
        for (size_t m = 0; m < MODES_N; m++) {
            char text[TEXT_BYTES];
            if (!has_mode(p->port, MODES[m].mode)) continue;
            (void)snprintf(text, sizeof(text), "%s:%s@%s#%lld%s=%s", call_port_word(p->port),
                           p->name, p->role, (long long)i, MODES[m].goes_on ? "+" : "",
                           MODES[m].mode);
            out->played++;
            out->wrong += !play_point(course, text);
        }
    }
}

static bool play_course(const struct course *course, struct tally *sum)
{
    struct sim_options o = {.seed = 1, .course = course->name};
    struct points points = {0};
    struct sim sim;
    if (!play_point(course, NULL)) {
        (void)printf("%s: not even without a fault\n", course->name);
        return false;
    }
    play(&sim, &o, &points);
    play_clear(&sim);
    (void)printf("%s: %s\n", course->name, course->text);
    for (size_t i = 0; i < points.n; i++) {
        const struct point *p = &points.kinds[i];
        struct tally t = {0};
        play_kind(course, p, &t);
        (void)printf("  %-9s %-11s %-34s %3lld of %4lld calls, %4lld histories%s\n", p->role,
                     call_port_word(p->port), p->name, (long long)t.points, (long long)p->times,
                     (long long)t.played, t.wrong ? "  WRONG" : "");
        sum->points += t.points;
        sum->played += t.played;
        sum->wrong += t.wrong;
    }
    return true;
}

bool nth_play(const struct sim_options *options)
{
    struct tally sum = {0};
    struct clock clock = clock_system();
    int64_t began_ms = clock_mono_ms(&clock);
    bool all_well = true;
    for (size_t i = 0; i < COURSES_N; i++)
        if (!options->course || strcmp(options->course, COURSES[i].name) == 0)
            all_well &= play_course(&COURSES[i], &sum);
    (void)printf("%lld calls failed, each in turn, in %lld histories of %zu courses; %.1f s; %lld "
                 "wrong\n",
                 (long long)sum.points, (long long)sum.played, COURSES_N,
                 (double)(clock_mono_ms(&clock) - began_ms) / 1000, (long long)sum.wrong);
    return all_well && !sum.wrong;
}
