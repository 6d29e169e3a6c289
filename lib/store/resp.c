/* SPDX-License-Identifier: Apache-2.0
 * See resp.h. The only file that includes hiredis, and of it only the formatter and the reader. The
 * reader calls back for every element; the callbacks build `struct reply` in the caller's arena and
 * refuse what is over the limits before memory is taken for it. */
#include "lib/store/resp.h"

#include <stdlib.h>

#include <hiredis/hiredis.h>

#include "lib/base/crypto.h"

#define SMALL_ARGS ((size_t)32) /* commands up to this size need no allocation but hiredis's */

struct redis_reader {
    redisReader *reader;
    struct arena *arena;
    struct reply *out;
    size_t fed_bytes, elements;
    const char *too_large; /* which limit was passed; NULL while none was */
};

int redis_command_init(struct redis_command *command, const struct str *args, size_t n,
                       struct err *e)
{
    *command = (struct redis_command){0};
    EBB_ASSERT(n > 0);
    if (n > REDIS_COMMAND_ARGS_MAX)
        return err_set(e, E_TOO_LARGE, "a command of %zu arguments is over the limit of %zu", n,
                       REDIS_COMMAND_ARGS_MAX);
    const char *small_texts[SMALL_ARGS];
    size_t small_sizes[SMALL_ARGS];
    const char **texts = n <= SMALL_ARGS ? small_texts : calloc(n, sizeof(*texts));
    size_t *sizes = n <= SMALL_ARGS ? small_sizes : calloc(n, sizeof(*sizes));
    if (!texts || !sizes) abort();
    size_t total = 0;
    bool fits = true;
    for (size_t i = 0; i < n && fits; i++) {
        texts[i] = args[i].p ? args[i].p : "";
        sizes[i] = args[i].p ? args[i].n : 0;
        fits = sizes[i] <= REDIS_COMMAND_BYTES_MAX - total;
        total += fits ? sizes[i] : 0;
    }
    int length = fits ? redisFormatCommandArgv(&command->bytes, (int)n, texts, sizes) : 0;
    if (texts != small_texts) free(texts);
    if (sizes != small_sizes) free(sizes);
    if (!fits)
        return err_set(e, E_TOO_LARGE, "a command is larger than the limit of %zu bytes",
                       REDIS_COMMAND_BYTES_MAX);
    if (length < 0) abort(); /* its only failure is memory */
    command->n = (size_t)length;
    return 0;
}

void redis_command_release(struct redis_command *command)
{
    if (command->bytes && command->is_secret) crypto_cleanse(command->bytes, command->n);
    if (command->bytes) redisFreeCommand(command->bytes);
    *command = (struct redis_command){0};
}

/* Where the element of this task is built: the caller's reply, or a place in its parent's list. */
static struct reply *place_of(const redisReadTask *task)
{
    const struct redis_reader *reader = task->privdata;
    if (!task->parent) return reader->out;
    struct reply *list = task->parent->obj;
    EBB_ASSERT(task->idx >= 0 && (size_t)task->idx < list->n);
    return &list->items[task->idx];
}

static void *create_string(const redisReadTask *task, char *p, size_t n)
{
    struct redis_reader *reader = task->privdata;
    struct reply *reply = place_of(task);
    reply->kind = task->type == REDIS_REPLY_ERROR ? REPLY_ERROR : REPLY_STR;
    reply->text = arena_copy(reader->arena, (struct str){p, n});
    return reply;
}

static void *create_list(const redisReadTask *task, int n)
{
    struct redis_reader *reader = task->privdata;
    int depth = 0;
    for (const redisReadTask *t = task; t; t = t->parent)
        depth++;
    if (depth > REDIS_REPLY_DEPTH_MAX) {
        reader->too_large = "nesting";
        return NULL;
    }
    if (n < 0 || (size_t)n > REDIS_REPLY_ELEMENTS_MAX - reader->elements) {
        reader->too_large = "elements";
        return NULL;
    }
    reader->elements += (size_t)n;
    struct reply *reply = place_of(task);
    reply->kind = REPLY_LIST;
    reply->n = (size_t)n;
    reply->items = n ? ARENA_ARRAY(reader->arena, (size_t)n, struct reply) : NULL;
    return reply;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    struct reply *reply = place_of(task);
    reply->kind = REPLY_INT;
    reply->integer = value;
    return reply;
}

static void *create_nil(const redisReadTask *task)
{
    struct reply *reply = place_of(task);
    reply->kind = REPLY_NIL;
    return reply;
}

struct redis_reader *redis_reader_new(void)
{
    struct redis_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) abort();
    /* hiredis wants the table writable though it only reads it; each reader has its own copy, so
     * that there is no mutable static. No freeObject: the arena frees. */
    redisReplyObjectFunctions *functions = calloc(1, sizeof(*functions));
    if (!functions) abort();
    *functions = (redisReplyObjectFunctions){
        .createString = create_string,
        .createArray = create_list,
        .createInteger = create_integer,
        .createNil = create_nil,
    };
    reader->reader = redisReaderCreateWithFunctions(functions);
    if (!reader->reader) abort();
    reader->reader->privdata = reader;
    return reader;
}

void redis_reader_free(struct redis_reader *reader)
{
    if (!reader) return;
    redisReplyObjectFunctions *functions = reader->reader->fn;
    redisReaderFree(reader->reader);
    free(functions);
    free(reader);
}

void redis_reader_begin(struct redis_reader *reader, struct arena *a, struct reply *out)
{
    *out = (struct reply){0};
    reader->arena = a;
    reader->out = out;
    reader->fed_bytes = 0;
    reader->elements = 0;
    reader->too_large = NULL;
}

int redis_reader_feed(struct redis_reader *reader, struct str bytes, bool *complete, struct err *e)
{
    *complete = false;
    if (bytes.n > REDIS_REPLY_BYTES_MAX - reader->fed_bytes)
        return err_set(e, E_TOO_LARGE, "its reply is larger than the limit of %zu bytes",
                       REDIS_REPLY_BYTES_MAX);
    reader->fed_bytes += bytes.n;
    void *reply = NULL;
    if (redisReaderFeed(reader->reader, bytes.p, bytes.n) != REDIS_OK) abort(); /* memory */
    if (redisReaderGetReply(reader->reader, &reply) != REDIS_OK) {
        if (reader->too_large)
            return err_set(e, E_TOO_LARGE, "its reply is over the limit on %s", reader->too_large);
        return err_set(e, E_MALFORMED, "it does not speak Redis's protocol (%s)",
                       reader->reader->errstr);
    }
    if (!reply) return 0;
    if (reader->reader->pos != reader->reader->len)
        return err_set(e, E_MALFORMED, "it sent more than one reply to one command");
    *complete = true;
    return 0;
}
