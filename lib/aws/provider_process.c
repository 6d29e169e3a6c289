/* SPDX-License-Identifier: Apache-2.0
 * Keys from a program of the user's: the profile's credential_process. */
#include <string.h>

#include "lib/aws/command_line.h"
#include "lib/aws/providers.h"

#define TIMEOUT_MS         ((int64_t)30000)
#define OUTPUT_MAX         ((size_t)64 * 1024)
#define WORDS_OF_ERROR_MAX 160

/* The first line of what the program said, cut to be shown. */
static struct str first_line(struct str text)
{
    struct str rest = str_trim(text), line = str_cut(&rest, '\n');
    if (line.n > WORDS_OF_ERROR_MAX) line.n = WORDS_OF_ERROR_MAX;
    for (size_t i = 0; i < line.n; i++)
        if ((unsigned char)line.p[i] < ' ') line.n = i;
    return line;
}

static int read_output(const struct command_result *result, struct arena *a,
                       struct provider_keys *out, struct err *e)
{
    struct provider_document doc;
    if (result->exit_code) {
        struct str said = first_line(result->errors);
        return err_set(e, E_DENIED, "ended with %d%s%.*s", result->exit_code, said.n ? ": " : "",
                       STR_ARG(said));
    }
    int rc = provider_read_document(result->output, a, &doc, out, e);
    if (rc) return err_prefix(e, "its output");
    if (doc.version != 1) return err_set(e, E_MALFORMED, "its output is not of Version 1");
    return E_OK;
}

int provider_process(const struct provider_input *in, struct arena *a, struct provider_keys *out,
                     struct err *e)
{
    struct command_result result = {0};
    char **words;
    struct str line = aws_profile_value(in->profile, STR("credential_process"));
    if (!line.p) return PROVIDER_NOT_CONFIGURED;
    out->source = "credential_process";
    int rc = command_line_split(line, a, &words, e);
    if (!rc) rc = command_line_run(words, TIMEOUT_MS, OUTPUT_MAX, in->clock, a, &result, e);
    if (!rc) rc = read_output(&result, a, out, e);
    provider_cleanse(result.output);
    if (rc) provider_keys_cleanse(out);
    return rc ? err_prefix(e, "credential_process of profile %.*s", STR_ARG(in->profile->name))
              : E_OK;
}
