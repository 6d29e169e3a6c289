/* SPDX-License-Identifier: Apache-2.0
 * See children.h. */
#include "world/demo/children.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GLANCE_MS       20 /* between looks at who is still there */
#define TAIL_BYTES      ((long)4096)
#define LINE_MAX_BYTES  ((size_t)280)
#define EXIT_NO_PROGRAM 127

/* Between fork and exec: async-signal-safe calls only. */
_Noreturn static void become(const char *log_path, pid_t parent, const char *const *argv,
                             const char *const *environment)
{
    sigset_t none;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_NO_PROGRAM); /* it died before it could be watched */
    (void)setpgid(0, 0);
    int in = open("/dev/null", O_RDONLY);
    int out = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
        dup2(out, STDERR_FILENO) < 0)
        _exit(EXIT_NO_PROGRAM);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0); /* our connections are not theirs */
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    /* rule 26: execve takes what it only reads as if it were to be written */
    (void)execve(argv[0], (char *const *)argv, (char *const *)environment);
    _exit(EXIT_NO_PROGRAM);
}

int children_start(struct children *c, const char *name, const char *const *argv,
                   const char *const *environment, struct err *e)
{
    struct arena a;
    EBB_ASSERT(c->n < CHILDREN_MAX);
    arena_init(&a);
    const char *log_path = arena_cstr(&a, arena_format(&a, "%s/%s.log", c->folder, name));
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(log_path, parent, argv, environment);
    arena_release(&a);
    if (pid < 0) return err_set(e, E_MISSING, "%s cannot be started: %s", name, strerror(errno));
    c->all[c->n++] = (struct child){.name = name, .pid = pid};
    return E_OK;
}

static void look_whether_ended(struct child *child)
{
    int status;
    if (child->pid && waitpid(child->pid, &status, WNOHANG) == child->pid) {
        child->pid = 0;
        child->status = status;
    }
}

int children_check(struct children *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        struct child *child = &c->all[i];
        look_whether_ended(child);
        if (child->pid) continue;
        struct arena a;
        arena_init(&a);
        struct str said = children_last_line(c, i, &a);
        bool killed = WIFSIGNALED(child->status);
        int rc = err_set(e, E_FATAL, "%s ended (%s %d); it last said: %.*s", child->name,
                         killed ? "signal" : "exit code",
                         killed ? WTERMSIG(child->status) : WEXITSTATUS(child->status),
                         STR_ARG(said.n ? said : STR("nothing")));
        arena_release(&a);
        return rc;
    }
    return E_OK;
}

static bool any_left(struct children *c, size_t first)
{
    bool left = false;
    for (size_t i = first; i < c->n; i++) {
        look_whether_ended(&c->all[i]);
        left = left || c->all[i].pid;
    }
    return left;
}

static void signal_those_left(const struct children *c, size_t first, int number)
{
    for (size_t i = first; i < c->n; i++)
        if (c->all[i].pid) (void)kill(c->all[i].pid, number); /* it may have ended meanwhile */
}

bool children_stop(struct children *c, size_t first, const sigset_t *signals, int64_t patience_ms,
                   const struct clock *clock)
{
    const struct timespec glance = {.tv_nsec = GLANCE_MS * 1000000L};
    int64_t until_ms = clock_mono_ms(clock) + patience_ms;
    bool hurry = false;
    signal_those_left(c, first, SIGTERM);
    while (any_left(c, first) && !hurry && clock_mono_ms(clock) < until_ms)
        hurry = sigtimedwait(signals, NULL, &glance) > 0;
    signal_those_left(c, first, SIGKILL);
    for (size_t i = first; i < c->n; i++) {
        /* Killed, it ends; nothing else can be waited for. */
        if (c->all[i].pid) (void)waitpid(c->all[i].pid, &c->all[i].status, 0);
        c->all[i].pid = 0;
    }
    return hurry;
}

struct str children_last_line(const struct children *c, size_t i, struct arena *a)
{
    const char *path = arena_cstr(a, arena_format(a, "%s/%s.log", c->folder, c->all[i].name));
    FILE *file = fopen(path, "rbe");
    if (!file) return STR_NONE;
    char *bytes = arena_alloc(a, (size_t)TAIL_BYTES);
    if (fseek(file, -TAIL_BYTES, SEEK_END)) (void)fseek(file, 0, SEEK_SET); /* it is shorter */
    struct str said = str_trim((struct str){bytes, fread(bytes, 1, (size_t)TAIL_BYTES, file)});
    (void)fclose(file); /* only read */
    size_t from = said.n;
    while (from > 0 && said.p[from - 1] != '\n')
        from--;
    struct str line = {said.p + from, said.n - from};
    if (line.n > LINE_MAX_BYTES) line.n = LINE_MAX_BYTES;
    for (size_t k = 0; k < line.n; k++)
        if ((unsigned char)line.p[k] < ' ') bytes[(line.p - bytes) + (ptrdiff_t)k] = ' ';
    return line;
}
