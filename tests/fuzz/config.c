/* SPDX-License-Identifier: Apache-2.0
 * Goal: an ebb.yaml, whatever is in it, is a configuration that holds together, or one error that
 * names file and place. Method: the input is the file, in memory that looks like one; what was read
 * is asked for services, and its places are looked for. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/record/walkers.h"
#include "schemas/config.h"
#include "tests/fuzz/fuzz.h"

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

static void check_config(const struct config *c)
{
    static const char *const PATHS[] = {
        "kafka.brokers",
        "kafka.properties",
        "run.metricsListen",
        "callback.listen",
    };
    struct err e = {0};
    if (record_check(&CONFIG_RECORD, c, &e)) err_assert_failed(e.text, "config", 0);
    (void)config_service(c, STR("aws:us-east-1:123456789012:production/asterisk"));
    (void)config_service(c, STR("no key"));
    for (size_t i = 0; i < EBB_COUNT(PATHS); i++) {
        struct err blamed = {.code = E_CONFIG, .text = "words"};
        EBB_ASSERT(config_blame(c, str_from(PATHS[i]), &blamed) == E_CONFIG);
        EBB_ASSERT(str_ends(str_from(blamed.text), STR("words")));
    }
}

FUZZ(config)
{
    struct arena a;
    struct config config;
    struct err e = {0};
    char path[32];
    int file = memfd_create("ebb.yaml", MFD_CLOEXEC);
    EBB_ASSERT(file >= 0 && write(file, input.p, input.n) == (ssize_t)input.n);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    struct config_source source = {.path = path, .getenv = no_variable};
    arena_init(&a);
    if (config_load(&source, &a, &config, &e)) {
        EBB_ASSERT(e.code == E_CONFIG);
        EBB_ASSERT(str_starts(str_from(e.text), str_from(path)));
    } else {
        check_config(&config);
    }
    arena_release(&a);
    (void)close(file); /* it is nothing but memory */
}

FUZZ(yaml_places)
{
    struct str document = input, path = fuzz_line(&document);
    size_t line, column;
    bool exact;
    int code = yaml_locate(document.p ? document : STR(""), path, &line, &column, &exact);
    EBB_ASSERT(code == 0 || code == E_MALFORMED);
    if (!code) EBB_ASSERT(line >= 1 && column >= 1);
}
