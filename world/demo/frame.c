/* SPDX-License-Identifier: Apache-2.0
 * See frame.h. */
#include "world/demo/frame.h"

#include <stdarg.h>
#include <stdio.h>

#define TASK_ROWS_MAX  8
#define BAR_MAX        18
#define SHORT_ID_CHARS 8
#define PIECE_BYTES    256
#define HIDE_REST      "\033[K" /* of the line */
#define HIDE_BELOW     "\033[J"
#define HOME           "\033[H"
#define COLOR_OFF      "\033[0m"

static const char *const COLORS[] = {
    [TONE_PLAIN] = "",         [TONE_TITLE] = "\033[1m", [TONE_GOOD] = "\033[32m",
    [TONE_BAD] = "\033[1;31m", [TONE_EBB] = "\033[36m",  [TONE_FAINT] = "\033[2m",
};

/* Writes pieces of lines and cuts them at the edge. */
struct pen {
    const struct frame_style *style;
    struct buf *out;
    int row, column;
};

static void put(struct pen *p, enum tone tone, const char *format, ...) EBB_PRINTF(3, 4);
static void put(struct pen *p, enum tone tone, const char *format, ...)
{
    char piece[PIECE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(piece, sizeof(piece), format, arguments);
    va_end(arguments);
    bool colored = p->style->color && *COLORS[tone];
    if (colored) buf_add_text(p->out, COLORS[tone]);
    for (const char *c = piece; *c && p->column < p->style->columns; c++, p->column++)
        buf_add_char(p->out, *c < ' ' || *c > '~' ? '?' : *c);
    if (colored) buf_add_text(p->out, COLOR_OFF);
}

static void put_to(struct pen *p, int column)
{
    while (p->column < column && p->column < p->style->columns) {
        buf_add_char(p->out, ' ');
        p->column++;
    }
}

/* The last row has no end, or the terminal would move on. */
static void end_line(struct pen *p)
{
    if (p->style->live) buf_add_text(p->out, HIDE_REST);
    if (!p->style->live || p->row + 1 < p->style->rows) buf_add_char(p->out, '\n');
    p->row++;
    p->column = 0;
}

static void draw_head(struct pen *p, const struct demo *d)
{
    put(p, TONE_TITLE, " One service, scaled in twice under the same load");
    put_to(p, 68);
    put(p, TONE_FAINT, "%6.1f s", (double)demo_now_ms(d) / 1000);
    end_line(p);
    put(p, TONE_FAINT, " %d sessions arrive a second, all the time; each lasts %d s",
        DEMO_ARRIVALS_PER_S, DEMO_SESSION_S);
    end_line(p);
    end_line(p);
}

static void draw_part(struct pen *p, const struct demo *d, enum demo_part part, const char *name)
{
    bool begun = d->part >= part;
    put(p, d->part == part ? TONE_TITLE : TONE_FAINT, " %s %s", d->part == part ? ">" : " ", name);
    put_to(p, 34);
    if (begun)
        put(p, d->cut[part] ? TONE_BAD : TONE_GOOD, "sessions cut: %lld", (long long)d->cut[part]);
    end_line(p);
}

static void draw_service(struct pen *p, const struct demo *d)
{
    const struct snapshot_service *service = &d->sight.service;
    end_line(p);
    put(p, TONE_PLAIN, " " DEMO_SERVICE_KEY ": desired %lld, running %lld, sessions %lld",
        (long long)service->desired, (long long)service->running, (long long)service->sessions);
    if (d->sight.drain_known) {
        struct str state = enum_word(&DRAIN_STATES, d->sight.drain.state);
        put_to(p, 50);
        put(p, TONE_EBB, "drain %.8s: %.*s", d->sight.drain_id, STR_ARG(state));
    }
    end_line(p);
    put(p, TONE_FAINT, " TASK      STATE          SESSIONS");
    end_line(p);
}

static bool is_gone(const struct snapshot_task *t)
{
    return str_eq(t->last_status, STR("STOPPED"));
}

static void draw_marks(struct pen *p, const struct demo *d, const struct snapshot_task *t)
{
    if (t->stop_cause.n && !str_eq(t->stop_cause, STR("none")))
        put(p, t->cut ? TONE_BAD : TONE_PLAIN, "%.*s, %lld cut ", STR_ARG(t->stop_cause),
            (long long)t->cut);
    if (is_gone(t)) return;
    if (t->drained)
        put(p, TONE_EBB, "empty ");
    else if (t->draining)
        put(p, TONE_EBB, "draining ");
    if (t->excluded) put(p, TONE_EBB, "shut out ");
    if (t->protected_until_ms > d->sight.world.now_ms) put(p, TONE_FAINT, "protected ");
}

static void draw_task(struct pen *p, const struct demo *d, const struct snapshot_task *t)
{
    struct str id = t->id;
    char bar[BAR_MAX + 1] = "";
    enum tone tone = is_gone(t) ? TONE_FAINT : TONE_PLAIN;
    if (id.n > SHORT_ID_CHARS) id.n = SHORT_ID_CHARS;
    for (int i = 0; i < BAR_MAX && i < t->sessions; i++)
        bar[i] = '#';
    put(p, tone, " %-9.*s ", STR_ARG(id));
    put(p, tone, "%-14.*s ", STR_ARG(t->last_status));
    put(p, t->draining ? TONE_EBB : TONE_GOOD, "%s", bar);
    put(p, tone, " %lld", (long long)t->sessions);
    put_to(p, 48);
    draw_marks(p, d, t);
    end_line(p);
}

/* Those that are there, and of the stopped ones the newest that have room. */
static void draw_tasks(struct pen *p, const struct demo *d)
{
    struct list tasks = d->sight.service.tasks;
    size_t alive = 0, gone_before = 0;
    for (size_t i = 0; i < tasks.n; i++)
        alive += !is_gone(LIST_AT(tasks, struct snapshot_task, i));
    size_t room = alive < TASK_ROWS_MAX ? TASK_ROWS_MAX - alive : 0, gone = tasks.n - alive;
    for (size_t i = 0; i < tasks.n; i++) {
        const struct snapshot_task *t = LIST_AT(tasks, struct snapshot_task, i);
        if (is_gone(t) && gone_before++ + room < gone) continue;
        draw_task(p, d, t);
    }
    end_line(p);
}

static void draw_line(struct pen *p, const struct tale_line *line)
{
    put(p, TONE_FAINT, " %6.1f ", (double)line->at_ms / 1000);
    if (line->who[0]) put(p, line->tone, "%-9s ", line->who);
    put(p, line->tone, "%s", line->text);
    end_line(p);
}

void frame_draw(const struct demo *d, const struct frame_style *style, struct buf *out)
{
    struct pen p = {.style = style, .out = out};
    if (style->live) buf_add_text(out, HOME);
    draw_head(&p, d);
    draw_part(&p, d, PART_AWS, "Part 1, the way AWS does it");
    draw_part(&p, d, PART_EBB, "Part 2, Ebb's way");
    draw_service(&p, d);
    draw_tasks(&p, d);
    size_t room = p.row < style->rows ? (size_t)(style->rows - p.row) : 0;
    for (size_t i = d->tale.n > room ? d->tale.n - room : 0; i < d->tale.n; i++)
        if (tale_line(&d->tale, i)) draw_line(&p, tale_line(&d->tale, i));
    if (style->live) buf_add_text(out, HIDE_BELOW);
}
