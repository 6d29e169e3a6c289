/* SPDX-License-Identifier: Apache-2.0
 * See options.h. */
#include "tests/sim/options.h"

#include "tests/sim/courses.h"
#include "tests/sim/directed.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define REPEAT_PERCENT 1

/* Words that have no letter of their own. */
enum {
    WITHOUT = 256,
    ONLY,
    SERVICES,
    EVENTS,
    PROCESSES,
    MINUTES,
    IDLE,
    CHANCE,
    COURSE,
    FAULT,
    PLANT,
    UNTIL_BROKEN,
    NTH,
    SELFTEST,
    REGRESSIONS
};

static const struct option LONG[] = {
    {"seed", required_argument, NULL, 's'},
    {"n", required_argument, NULL, 'n'},
    {"size", required_argument, NULL, 'z'},
    {"chance", required_argument, NULL, CHANCE},
    {"course", required_argument, NULL, COURSE},
    {"without", required_argument, NULL, WITHOUT},
    {"only", required_argument, NULL, ONLY},
    {"services", required_argument, NULL, SERVICES},
    {"events", required_argument, NULL, EVENTS},
    {"processes", required_argument, NULL, PROCESSES},
    {"minutes", required_argument, NULL, MINUTES},
    {"idle", required_argument, NULL, IDLE},
    {"fault", required_argument, NULL, FAULT},
    {"plant", required_argument, NULL, PLANT},
    {"trace", no_argument, NULL, 't'},
    {"tell", no_argument, NULL, 'l'},
    {"repeat", optional_argument, NULL, 'r'},
    {"shrink", no_argument, NULL, 'k'},
    {"until-broken", no_argument, NULL, UNTIL_BROKEN},
    {"nth", no_argument, NULL, NTH},
    {"selftest", no_argument, NULL, SELFTEST},
    {"regressions", required_argument, NULL, REGRESSIONS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

void options_help(void)
{
    (void)fputs(
        "ebb-sim [OPTION...]: histories of Ebb in virtual time\n"
        "  --seed S         the first history (1)\n"
        "  --n N            so many, one seed after another (1)\n"
        "  --size 0..3      how large the scenes are; without it all sizes in turn\n"
        "  --repeat[=P]     plays P of a hundred (all) twice, and compares the traces; 1 without "
        "it\n"
        "  --shrink         what fails is made small: fewer faults, services, events, less time\n"
        "  --until-broken   ends with the first that fails\n"
        "  --trace          prints everything that happens\n"
        "  --tell           prints who did what, when, in the end\n"
        " Less of a history, which leaves the rest of it as it is:\n"
        "  --without F,F    without these faults\n"
        "  --only F,F       with these faults only\n"
        "  --services 0,3   with these only\n"
        "  --events N, --processes N, --minutes N    at most\n"
        "  --idle MS        who has nothing to do looks again so late (2500)\n"
        "  --chance C       the same in another order of things\n"
        " By hand:\n"
        "  --course C       a fixed scene without faults\n"
        "  --fault SPEC     PORT:CALL[@ROLE][#N[+]]=MODE or SECONDS=EVENT (directed.h)\n"
        " All of something:\n"
        "  --nth            in every course each call fails once, in every way\n"
        "  --regressions FILE    plays the commands of that file\n"
        "  --plant F        every effect of that fault counts as a violation; --selftest: plants\n"
        "                   many, and looks at what the shrinker makes of them\n"
        "Faults:\n",
        stdout);
    faults_list();
    (void)fputs("Courses:\n", stdout);
    for (size_t i = 0; i < COURSES_N; i++)
        (void)printf("  %-26s %s\n", COURSES[i].name, COURSES[i].text);
}

static bool wrong(const char *what, const char *value)
{
    (void)fprintf(stderr, "ebb-sim: %s '%s'; ebb-sim --help lists what there is\n", what, value);
    return false;
}

static bool number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    if (str_to_int(str_from(text), out) && *out >= least && *out <= most) return true;
    return wrong("not a number that can be:", text);
}

static bool rows(const char *text, uint64_t *calls, uint64_t *events)
{
    struct str rest = str_from(text);
    *calls = *events = 0;
    while (rest.n) {
        uint64_t call, event;
        struct str name = str_cut(&rest, ',');
        if (name.n && !fault_bits(name, &call, &event)) return wrong("no such fault in", text);
        *calls |= name.n ? call : 0;
        *events |= name.n ? event : 0;
    }
    return true;
}

static bool services(const char *text, uint64_t *out)
{
    struct str rest = str_from(text);
    *out = 0;
    while (rest.n) {
        int64_t n;
        if (!str_to_int(str_cut(&rest, ','), &n) || n < 0 || n >= SIM_SERVICES_MAX)
            return wrong("no such service in", text);
        *out |= UINT64_C(1) << n;
    }
    return true;
}

static bool directed(const char *text, struct sim_options *o)
{
    struct directed unused;
    struct err e;
    if (o->directed_n == SIM_DIRECTED_MAX) return wrong("too many:", text);
    if (directed_read(text, &unused, &e)) return wrong("--fault:", e.text);
    o->directed[o->directed_n++] = text;
    return true;
}

static bool read_history(int option, const char *value, struct sim_options *o)
{
    int64_t n = 0;
    uint64_t calls, events;
    bool is_right = true;
    switch (option) {
    case 's':
        is_right = number(value, 1, INT64_MAX, &n);
        o->seed = (uint64_t)n;
        break;
    case 'z':
        is_right = number(value, 0, SIM_SIZES - 1, &n);
        o->size = (int)n;
        break;
    case CHANCE:
        is_right = number(value, 0, INT64_MAX, &n);
        o->chance = (uint64_t)n;
        break;
    case SERVICES: is_right = services(value, &o->services); break;
    case PROCESSES: is_right = number(value, 1, INT64_MAX, &o->processes); break;
    case EVENTS: is_right = number(value, 1, INT64_MAX, &o->events); break;
    case MINUTES: is_right = number(value, 1, INT64_MAX, &o->minutes); break;
    case IDLE: is_right = number(value, 1, SIM_IDLE_MAX_MS, &o->idle_ms); break;
    case COURSE:
        o->course = value;
        if (!course_named(value)) is_right = wrong("no such course:", value);
        break;
    case WITHOUT:
        is_right = rows(value, &calls, &events);
        o->without_calls |= calls;
        o->without_events |= events;
        break;
    case ONLY:
        is_right = rows(value, &calls, &events);
        o->without_calls = ~calls;
        o->without_events = ~events;
        break;
    case FAULT: is_right = directed(value, o); break;
    case PLANT:
        o->planted = value;
        if (!fault_bits(str_from(value), &calls, &events))
            is_right = wrong("no such fault:", value);
        break;
    default: is_right = false; break;
    }
    return is_right;
}

bool options_read(int argc, char **argv, struct sim_command *out)
{
    *out = (struct sim_command){.options = {.seed = 1, .size = -1, .idle_ms = SIM_IDLE_MS},
                                .n = 1,
                                .repeat_percent = REPEAT_PERCENT};
    int option;
    bool is_right = true;
    optind = 0; /* glibc: from the beginning, also the second time */
    while (is_right && (option = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
        switch (option) {
        case 'n': is_right = number(optarg, 1, INT64_MAX, &out->n); break;
        case 'r':
            out->repeat_percent = 100;
            if (optarg) is_right = number(optarg, 0, 100, &out->repeat_percent);
            break;
        case 't': out->options.prints = true; break;
        case 'l': out->options.tells = true; break;
        case 'k': out->shrinks = true; break;
        case UNTIL_BROKEN: out->until_broken = true; break;
        case NTH: out->nth = true; break;
        case SELFTEST: out->selftest = true; break;
        case 'h': out->lists = true; break;
        case REGRESSIONS: out->regressions = optarg; break;
        default: is_right = read_history(option, optarg, &out->options); break;
        }
    }
    if (is_right && optind < argc) is_right = wrong("not understood:", argv[optind]);
    return is_right;
}

int options_size_of(uint64_t seed)
{
    return seed % 24 == 23 ? 3 : (int)(seed % 3);
}

static void write_rows(uint64_t without_calls, uint64_t without_events, struct buf *out)
{
    const char *before = " --without ";
    for (int i = 1; i < CALL_FAULTS; i++)
        if (without_calls & UINT64_C(1) << i) {
            buf_add_format(out, "%s%s", before, call_fault_name((enum call_fault)i));
            before = ",";
        }
    for (int i = 0; i < EVENT_FAULTS; i++)
        if (without_events & UINT64_C(1) << i) {
            buf_add_format(out, "%s%s", before, event_fault_name((enum event_fault)i));
            before = ",";
        }
}

void options_write(const struct sim_options *o, struct buf *out)
{
    buf_add_format(out, "ebb-sim --seed %llu", (unsigned long long)o->seed);
    if (o->course) buf_add_format(out, " --course %s", o->course);
    if (!o->course) buf_add_format(out, " --size %d", o->size);
    if (o->chance) buf_add_format(out, " --chance %llu", (unsigned long long)o->chance);
    const char *before = " --services ";
    for (int i = 0; i < SIM_SERVICES_MAX; i++)
        if (o->services & UINT64_C(1) << i) {
            buf_add_format(out, "%s%d", before, i);
            before = ",";
        }
    if (o->events) buf_add_format(out, " --events %lld", (long long)o->events);
    if (o->processes) buf_add_format(out, " --processes %lld", (long long)o->processes);
    if (o->minutes) buf_add_format(out, " --minutes %lld", (long long)o->minutes);
    if (o->idle_ms && o->idle_ms != SIM_IDLE_MS)
        buf_add_format(out, " --idle %lld", (long long)o->idle_ms);
    write_rows(o->without_calls, o->without_events, out);
    for (size_t i = 0; i < o->directed_n; i++)
        buf_add_format(out, " --fault '%s'", o->directed[i]);
    if (o->planted) buf_add_format(out, " --plant %s", o->planted);
}
