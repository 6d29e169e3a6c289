/* SPDX-License-Identifier: Apache-2.0
 * Runs targets without libFuzzer, with whatever compiler there is:
 *
 *   fuzz list                         the names of all targets
 *   fuzz all [MUTATIONS [PART]]       every target on its seeds, its regressions and as many inputs
 *                                     made of them by chance; PART is like 1/2
 *   fuzz NAME FILE...                 one target on some files
 *
 * A target is run in a process of its own, so that one which crashes is told of like any other. The
 * input it crashed with is written to build/fuzz/findings/NAME/, and the command that repeats it is
 * printed. Run from the project's folder. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/crypto.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"

#define SEEDS_MAX         2000
#define INPUT_SECONDS_MAX 10 /* under a sanitizer, on a busy machine */
#define RESIDENT_KIB_MAX  ((long)1024 * 1024)
#define FINDINGS          "build/fuzz/findings"

struct seeds {
    struct arena arena;
    struct str items[SEEDS_MAX];
    const char *paths[SEEDS_MAX];
    size_t n;
};

static struct str read_input(struct arena *a, const char *path)
{
    FILE *file = fopen(path, "rbe");
    char *bytes = arena_alloc(a, FUZZ_INPUT_MAX + 1);
    if (!file) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(2);
    }
    size_t n = fread(bytes, 1, FUZZ_INPUT_MAX + 1, file);
    (void)fclose(file); /* only read */
    return (struct str){bytes, n < FUZZ_INPUT_MAX ? n : FUZZ_INPUT_MAX};
}

static void add_folder(struct seeds *s, const char *kind, const char *name)
{
    struct dirent **found;
    struct str folder = arena_format(&s->arena, "tests/fuzz/%s/%s", kind, name);
    int n = scandir(folder.p, &found, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (found[i]->d_name[0] != '.' && s->n < SEEDS_MAX) {
            s->paths[s->n] = arena_format(&s->arena, "%s/%s", folder.p, found[i]->d_name).p;
            s->items[s->n] = read_input(&s->arena, s->paths[s->n]);
            s->n++;
        }
        free(found[i]);
    }
    if (n >= 0) free(found);
}

/* A copy that ends where its memory ends. */
static void run(const struct fuzz_target *target, struct str input)
{
    char *copy = malloc(input.n);
    if (!copy) abort();
    if (input.n) memcpy(copy, input.p, input.n);
    target->run((struct str){copy, input.n});
    free(copy);
    struct rusage used;
    EBB_ASSERT(getrusage(RUSAGE_SELF, &used) == 0 && used.ru_maxrss <= RESIDENT_KIB_MAX);
}

/* The input of that number: a seed, or one made by chance. buffer holds FUZZ_INPUT_MAX. */
static struct str input_of(const struct seeds *s, size_t number, char *buffer)
{
    if (number < s->n) return s->items[number];
    return (struct str){buffer, fuzz_mutate(s->items, s->n, number, buffer, FUZZ_INPUT_MAX)};
}

static void run_all(const struct fuzz_target *target, const struct seeds *s, size_t mutations,
                    size_t *at)
{
    char *buffer = malloc(FUZZ_INPUT_MAX);
    if (!buffer) abort();
    for (*at = 0; *at < s->n + mutations; ++*at) {
        (void)alarm(INPUT_SECONDS_MAX); /* returns what was left of the last one */
        run(target, input_of(s, *at, buffer));
    }
    free(buffer);
}

static void keep_finding(const struct fuzz_target *target, const struct seeds *s, size_t number)
{
    struct arena a;
    char *buffer = malloc(FUZZ_INPUT_MAX);
    if (!buffer) abort();
    arena_init(&a);
    struct str input = input_of(s, number, buffer);
    struct sha256 digest = crypto_sha256(input);
    struct str path =
        arena_format(&a, FINDINGS "/%s/%.*s", target->name, STR_ARG(crypto_hex(&a, &digest, 8)));
    (void)mkdir("build/fuzz", 0777); /* they may be there */
    (void)mkdir(FINDINGS, 0777);
    (void)mkdir(arena_format(&a, FINDINGS "/%s", target->name).p, 0777);
    FILE *file = fopen(path.p, "wbe");
    if (number < s->n)
        path = str_from(s->paths[number]);
    else if (!file || fwrite(input.p, 1, input.n, file) != input.n)
        (void)fprintf(stderr, "%s cannot be written\n", path.p);
    if (file) (void)fclose(file); /* a finding is there again at the next run */
    printf("repeat it: build/asan/ebb-fuzz %s %s\n", target->name, path.p);
    arena_release(&a);
    free(buffer);
}

static bool try_target(const struct fuzz_target *target, size_t mutations)
{
    static struct seeds s;
    size_t *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    s = (struct seeds){.n = 0};
    arena_init(&s.arena);
    add_folder(&s, "corpus", target->name);
    add_folder(&s, "regressions", target->name);
    EBB_ASSERT(at != MAP_FAILED);
    if (!s.n) printf("FAILED %s: tests/fuzz/corpus/%s has no seed\n", target->name, target->name);
    if (!s.n) return false;
    (void)fflush(stdout);
    pid_t child = fork();
    EBB_ASSERT(child >= 0);
    if (!child) {
        run_all(target, &s, mutations, at);
        arena_release(&s.arena);
        exit(0);
    }
    EBB_ASSERT(waitpid(child, &status, 0) == child);
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    printf("%s %s: %zu seeds, %zu inputs\n", good ? "ok" : "FAILED", target->name, s.n, *at);
    if (!good && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        printf("one input took more than %d s\n", INPUT_SECONDS_MAX);
    if (!good && *at < s.n + mutations) keep_finding(target, &s, *at);
    arena_release(&s.arena);
    (void)munmap(at, sizeof(*at)); /* it was mapped */
    return good;
}

static int try_all(const char *mutations_text, struct str part)
{
    int64_t mutations = 0, number = 1, of = 1;
    struct str of_text = part, number_text = str_cut(&of_text, '/');
    bool asked = str_to_int(str_from(mutations_text), &mutations) && mutations >= 0;
    bool parted = str_to_int(number_text, &number) && str_to_int(of_text, &of);
    if (!asked || !parted || of < 1 || number < 1) return 2;
    int failed = 0;
    const struct fuzz_target *t;
    for (size_t i = 0; (t = fuzz_at(i)); i++)
        if ((int64_t)i % of == number - 1) failed += !try_target(t, (size_t)mutations);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    const struct fuzz_target *target;
    struct arena a;
    if (!strcmp(what, "list")) {
        for (size_t i = 0; (target = fuzz_at(i)); i++)
            printf("%s\n", target->name);
        return 0;
    }
    if (!strcmp(what, "all"))
        return try_all(argc > 2 ? argv[2] : "1000", str_from(argc > 3 ? argv[3] : "1/1"));
    target = fuzz_find(what);
    if (!target || argc < 3) {
        (void)fprintf(stderr, "see the head of tests/fuzz/main.c\n");
        return 2;
    }
    arena_init(&a);
    for (int i = 2; i < argc; i++)
        run(target, read_input(&a, argv[i]));
    arena_release(&a);
    printf("ok %s: %d files\n", target->name, argc - 2);
    return 0;
}
