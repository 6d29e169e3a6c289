/* SPDX-License-Identifier: Apache-2.0
 * Splits a command line and runs it; see command_line.h. */
#include "lib/aws/command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/crypto.h"

#define WORDS_MAX  ((size_t)256)
#define ERRORS_MAX ((size_t)1024)

extern char **environ;

/* One word off the front of *rest into *at; false at an open quote. */
static bool take_word(struct str *rest, char **at)
{
    char quote = 0;
    size_t i = 0;
    for (; i < rest->n; i++) {
        char c = rest->p[i];
        bool last = i + 1 == rest->n;
        if (!quote && (c == ' ' || c == '\t')) break;
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? 0 : c;
        else if (c == '\\' && !quote && !last)
            *(*at)++ = rest->p[++i];
        else if (c == '\\' && quote == '"' && !last && strchr("\"\\", rest->p[i + 1]))
            *(*at)++ = rest->p[++i];
        else
            *(*at)++ = c;
    }
    *rest = (struct str){rest->p + i, rest->n - i};
    return !quote;
}

int command_line_split(struct str text, struct arena *a, char ***out, struct err *e)
{
    char **words = ARENA_ARRAY(a, WORDS_MAX + 1, char *);
    /* Each word needs its NUL, and each is followed by a blank or the end. */
    char *at = arena_alloc(a, text.n + 1);
    size_t n = 0;
    for (struct str rest = str_trim(text); rest.n; rest = str_trim(rest)) {
        if (n == WORDS_MAX) return err_set(e, E_MALFORMED, "more than %zu words", WORDS_MAX);
        words[n++] = at;
        if (!take_word(&rest, &at)) return err_set(e, E_MALFORMED, "a quote is not closed");
        *at++ = 0;
    }
    if (!n) return err_set(e, E_MALFORMED, "there is no word in it");
    *out = words;
    return E_OK;
}

/* A pipe's reading end and what has come through it. */
struct stream {
    int fd; /* -1 after its end */
    char *bytes;
    size_t n, max;
    bool full;
};

static void close_fd(int *fd)
{
    if (*fd >= 0) (void)close(*fd); /* nothing to lose: pipes are not flushed */
    *fd = -1;
}

/* Reads what is there; past its limit the rest is read and thrown away. */
static void drain(struct stream *s)
{
    char more[512];
    ssize_t got = read(s->fd, more, sizeof(more));
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got <= 0) {
        close_fd(&s->fd);
        return;
    }
    size_t room = s->max - s->n, take = (size_t)got < room ? (size_t)got : room;
    memcpy(s->bytes + s->n, more, take);
    s->n += take;
    s->full = s->full || take < (size_t)got;
    crypto_cleanse(more, sizeof(more));
}

static int start(char *const *words, int output, int errors, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc) return rc;
    rc = posix_spawnattr_init(&attributes);
    if (!rc) rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!rc) rc = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!rc) rc = posix_spawn_file_actions_adddup2(&actions, errors, 2);
    if (!rc) rc = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!rc) rc = posix_spawnattr_setpgroup(&attributes, 0);
    if (!rc) rc = posix_spawnattr_setsigmask(&attributes, &none);
    if (!rc) rc = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!rc)
        rc = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                       POSIX_SPAWN_SETSIGDEF);
    if (!rc) rc = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
    (void)posix_spawn_file_actions_destroy(&actions); /* cannot fail after init */
    (void)posix_spawnattr_destroy(&attributes);
    return rc;
}

/* Reads both streams until the program has ended and they are empty, or the time is over. A child
 * of its that keeps a stream open is not waited for. */
static bool follow(struct stream *output, struct stream *errors, int process, int64_t until_ms,
                   const struct clock *clock)
{
    bool ended = false;
    while (!ended) {
        struct pollfd fds[] = {
            {output->fd, POLLIN, 0}, {errors->fd, POLLIN, 0}, {process, POLLIN, 0}};
        int64_t left_ms = until_ms - clock_mono_ms(clock);
        if (left_ms <= 0) return false;
        int ready = poll(fds, EBB_COUNT(fds), left_ms > 1000 ? 1000 : (int)left_ms);
        if (ready < 0 && errno != EINTR) return false;
        if (ready <= 0) continue;
        if (fds[0].revents) drain(output);
        if (fds[1].revents) drain(errors);
        ended = fds[2].revents && !fds[0].revents && !fds[1].revents;
    }
    return true;
}

/* Waits for the program and says how it ended. */
static int end_of(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return 127;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int open_pipes(int output[2], int errors[2])
{
    output[0] = output[1] = errors[0] = errors[1] = -1;
    return pipe2(output, O_CLOEXEC) || pipe2(errors, O_CLOEXEC) ? errno : 0;
}

int command_line_run(char *const *words, int64_t timeout_ms, size_t output_max,
                     const struct clock *clock, struct arena *a, struct command_result *out,
                     struct err *e)
{
    int output[2], errors[2], process = -1, rc = E_OK;
    pid_t pid = 0;
    int why = open_pipes(output, errors);
    if (!why) why = start(words, output[1], errors[1], &pid);
    close_fd(&output[1]);
    close_fd(&errors[1]);
    struct stream text = {output[0], arena_alloc(a, output_max), 0, output_max, false};
    struct stream words_of_error = {errors[0], arena_alloc(a, ERRORS_MAX), 0, ERRORS_MAX, false};
    if (!why) {
        process = pidfd_open(pid, 0);
        bool ended = process >= 0 && follow(&text, &words_of_error, process,
                                            clock_mono_ms(clock) + timeout_ms, clock);
        if (!ended) (void)kill(-pid, SIGKILL); /* gone already is as good */
        out->exit_code = end_of(pid);
        if (!ended)
            rc = err_set(e, E_TIMEOUT, "did not end within %lld ms", (long long)timeout_ms);
        else if (text.full)
            rc = err_set(e, E_TOO_LARGE, "printed more than %zu bytes", output_max);
    } else {
        rc = err_set(e, E_CONFIG, "cannot be started: %s", strerror(why));
    }
    close_fd(&process);
    close_fd(&text.fd);
    close_fd(&words_of_error.fd);
    out->output = (struct str){text.bytes, text.n};
    out->errors = (struct str){words_of_error.bytes, words_of_error.n};
    return rc;
}
