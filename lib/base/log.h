/* SPDX-License-Identifier: Apache-2.0
 * Logs: one JSON object a line on standard error, or aligned text where that is a terminal. Keys
 * are the original documents' (taskArn, drainId, serviceArn) plus `why`. Never payloads, never
 * secrets. Thread-safe: a line is one write. */
#ifndef EBB_BASE_LOG_H
#define EBB_BASE_LOG_H

#include "lib/base/buf.h"
#include "lib/base/clock.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log {
    struct clock clock;
    enum log_level least;
    bool is_text;    /* for a terminal */
    struct str role; /* "drain", "relay": which part of Ebb speaks */
};

struct log_field {
    const char *key;
    bool is_number;
    struct str text;
    int64_t number;
};

#define LOG_STR(key, value) ((struct log_field){(key), false, (value), 0})
#define LOG_NUM(key, value) ((struct log_field){(key), true, STR_NONE, (value)})

/* Text on a terminal, JSON elsewhere. level is a word of debug, info, warn, error; another word
 * means info. */
struct log log_open(struct clock clock, struct str level, struct str role);

/* event is a short constant to search for. Absent strings are left out. */
void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t n);

#define LOG(log, level, event, ...)                                                                \
    log_write((log), (level), (event), (struct log_field[]){__VA_ARGS__},                          \
              sizeof((struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

#endif
