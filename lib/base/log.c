/* SPDX-License-Identifier: Apache-2.0
 * See log.h. */
#include "lib/base/log.h"

#include "lib/base/time_text.h"

#include <unistd.h>

#define LINE_MAX_BYTES  ((size_t)16 * 1024)
#define TIME_OF_DAY_AT  11 /* within 2019-10-02T17:04:40.989Z */
#define TIME_OF_DAY_LEN 12

static const struct str LEVEL_WORDS[] = {
    [LOG_DEBUG] = {"debug", 5},
    [LOG_INFO] = {"info", 4},
    [LOG_WARN] = {"warn", 4},
    [LOG_ERROR] = {"error", 5},
};

struct log log_open(struct clock clock, struct str level, struct str role)
{
    struct log log = {
        .clock = clock, .least = LOG_INFO, .role = role, .is_text = isatty(STDERR_FILENO)};
    for (size_t i = 0; i < EBB_COUNT(LEVEL_WORDS); i++)
        if (str_eq(LEVEL_WORDS[i], level)) log.least = (enum log_level)i;
    return log;
}

static void add_json(struct buf *b, const struct log *log, enum log_level level, const char *event,
                     struct str time)
{
    buf_add_text(b, "{\"time\":");
    buf_add_json_string(b, time);
    buf_add_text(b, ",\"level\":");
    buf_add_json_string(b, LEVEL_WORDS[level]);
    buf_add_text(b, ",\"role\":");
    buf_add_json_string(b, log->role);
    buf_add_text(b, ",\"event\":");
    buf_add_json_string(b, str_from(event));
}

static void add_json_field(struct buf *b, const struct log_field *f)
{
    buf_add_char(b, ',');
    buf_add_json_string(b, str_from(f->key));
    buf_add_char(b, ':');
    if (f->is_number)
        buf_add_format(b, "%lld", (long long)f->number);
    else
        buf_add_json_string(b, f->text);
}

static void add_text_field(struct buf *b, const struct log_field *f)
{
    buf_add_format(b, " %s=", f->key);
    if (f->is_number)
        buf_add_format(b, "%lld", (long long)f->number);
    else if (str_find(f->text, ' ') < 0 && str_find(f->text, '\n') < 0)
        buf_add(b, f->text);
    else
        buf_add_json_string(b, f->text);
}

void log_write(const struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t n)
{
    if (level < log->least) return;
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, LINE_MAX_BYTES);
    struct str time = time_format_iso(&a, clock_wall_ms(&log->clock));
    if (log->is_text)
        buf_add_format(&b, "%.*s %-5.*s %-8.*s %-18s", TIME_OF_DAY_LEN, time.p + TIME_OF_DAY_AT,
                       STR_ARG(LEVEL_WORDS[level]), STR_ARG(log->role), event);
    else
        add_json(&b, log, level, event, time);
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].is_number && !fields[i].text.p) continue;
        if (log->is_text)
            add_text_field(&b, &fields[i]);
        else
            add_json_field(&b, &fields[i]);
    }
    buf_add_text(&b, log->is_text ? "\n" : "}\n");
    struct str line = buf_view(&b);
    if (buf_failed(&b)) line = STR("{\"level\":\"error\",\"event\":\"log_line_too_long\"}\n");
    /* A log that cannot be written has nowhere to be reported. */
    if (write(STDERR_FILENO, line.p, line.n) < 0) line.n = 0;
    buf_release(&b);
    arena_release(&a);
}
