/* SPDX-License-Identifier: Apache-2.0
 * See options.h. One table gives the reading, the checks and the help. */
#include "world/wire/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX        65535
#define ADDRESS_DEFAULT "127.0.0.1"
#define KEY_ENV         "EBB_WORLD_ACCESS_KEY_ID"
#define SECRET_ENV      "EBB_WORLD_SECRET_ACCESS_KEY"
#define KEY_DEFAULT     "AKIAEBBWORLD"
#define SECRET_DEFAULT  "ebb-world-example-secret-key-not-secret"

enum option_kind { OPTION_TEXT, OPTION_PORT, OPTION_INT, OPTION_DOUBLE, OPTION_FLAG };

struct option_row {
    const char *name;
    enum option_kind kind;
    const char *value; /* what stands for the value in the help */
    const char *help;
};

enum option_id {
    OPTION_ADDRESS,
    OPTION_PORT_NUMBER,
    OPTION_TASK_PORT,
    OPTION_SEED,
    OPTION_REGION,
    OPTION_ACCOUNT,
    OPTION_SCENARIO,
    OPTION_PORT_FILE,
    OPTION_SPEED,
    OPTION_WITH_PARENT,
    OPTION_HELP,
    OPTIONS_N
};

static const struct option_row ROWS[OPTIONS_N] = {
    [OPTION_ADDRESS] = {"--address", OPTION_TEXT, "ADDRESS",
                        "where AWS's protocols and /world/ are served, a loopback address; "
                        "127.0.0.1"},
    [OPTION_PORT_NUMBER] = {"--port", OPTION_PORT, "N",
                            "its port; 0, the default, is any free one"},
    [OPTION_TASK_PORT] = {"--task-port", OPTION_PORT, "N",
                          "the port all tasks listen on, each at its own address inside "
                          "127.0.0.0/8; 0, the default, is any free one"},
    [OPTION_SEED] = {"--seed", OPTION_INT, "N", "chance is drawn from it"},
    [OPTION_REGION] = {"--region", OPTION_TEXT, "NAME", "us-east-1 when nobody says otherwise"},
    [OPTION_ACCOUNT] = {"--account", OPTION_TEXT, "ID", "123456789012 when nobody says otherwise"},
    [OPTION_SCENARIO] = {"--scenario", OPTION_TEXT, "FILE",
                         "what the world begins with: the document POST /world/scenario takes"},
    [OPTION_PORT_FILE] = {"--port-file", OPTION_TEXT, "FILE",
                          "written when ready: {\"endpoint\":\"http://...\",\"taskPort\":N}"},
    [OPTION_SPEED] = {"--speed", OPTION_DOUBLE, "X",
                      "the region's time runs that many times as fast as ours; 1"},
    [OPTION_WITH_PARENT] = {"--with-parent", OPTION_FLAG, "", "ends when its parent does"},
    [OPTION_HELP] = {"--help", OPTION_FLAG, "", "says this"},
};

union option_value {
    const char *text;
    int64_t integer;
    double number;
};

static int find_row(const char *argument, size_t name_chars, struct err *e)
{
    for (int i = 0; i < OPTIONS_N; i++)
        if (strlen(ROWS[i].name) == name_chars && !strncmp(ROWS[i].name, argument, name_chars))
            return i;
    return err_set(e, E_CONFIG, "%s is not an option; see ebb-world serve --help", argument);
}

static int read_value(const struct option_row *row, const char *text, union option_value *out,
                      struct err *e)
{
    char *end;
    switch (row->kind) {
    case OPTION_TEXT:
        out->text = text;
        if (text[0]) return E_OK;
        return err_set(e, E_CONFIG, "%s must not be empty", row->name);
    case OPTION_PORT:
        if (str_to_int(str_from(text), &out->integer) && out->integer >= 0 &&
            out->integer <= PORT_MAX)
            return E_OK;
        return err_set(e, E_CONFIG, "%s must be from 0 to %d, is \"%s\"", row->name, PORT_MAX,
                       text);
    case OPTION_INT:
        if (str_to_int(str_from(text), &out->integer)) return E_OK;
        return err_set(e, E_CONFIG, "%s must be a whole number, is \"%s\"", row->name, text);
    case OPTION_DOUBLE:
        errno = 0;
        out->number = strtod(text, &end);
        if (!errno && *text && !*end && out->number >= PACE_SPEED_MIN &&
            out->number <= PACE_SPEED_MAX)
            return E_OK;
        return err_set(e, E_CONFIG, "%s must be from %g to %g, is \"%s\"", row->name,
                       PACE_SPEED_MIN, PACE_SPEED_MAX, text);
    case OPTION_FLAG: break;
    }
    return E_OK;
}

static void keep(enum option_id id, const union option_value *value, struct serve_options *out)
{
    switch (id) {
    case OPTION_ADDRESS: out->wire.address = value->text; break;
    case OPTION_PORT_NUMBER: out->wire.port = (int)value->integer; break;
    case OPTION_TASK_PORT: out->wire.task_port = (int)value->integer; break;
    case OPTION_SEED: out->wire.seed = value->integer; break;
    case OPTION_REGION: out->wire.region = str_from(value->text); break;
    case OPTION_ACCOUNT: out->wire.account = str_from(value->text); break;
    case OPTION_SCENARIO: out->scenario_file = value->text; break;
    case OPTION_PORT_FILE: out->port_file = value->text; break;
    case OPTION_SPEED: out->wire.speed = value->number; break;
    case OPTION_WITH_PARENT: out->with_parent = true; break;
    case OPTION_HELP: out->help = true; break;
    case OPTIONS_N: break;
    }
}

static struct str environment(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return str_from(value && value[0] ? value : fallback);
}

/* Anyone who reaches the port can do everything to this world, so nobody else's machine may. */
static int check_address(const char *address, struct err *e)
{
    if (str_starts(str_from(address), STR("127."))) return E_OK;
    return err_set(e, E_CONFIG, "--address must be a loopback address (127.x.y.z), is \"%s\"",
                   address);
}

int serve_options_read(int argc, char **argv, struct serve_options *out, struct err *e)
{
    *out = (struct serve_options){
        .wire = {.clock = clock_system(), .address = ADDRESS_DEFAULT, .speed = 1}};
    out->wire.access_key_id = environment(KEY_ENV, KEY_DEFAULT);
    out->wire.secret_access_key = environment(SECRET_ENV, SECRET_DEFAULT);
    for (int i = 0; i < argc; i++) {
        const char *equals = strchr(argv[i], '='), *text = NULL;
        union option_value value = {0};
        int id = find_row(argv[i], equals ? (size_t)(equals - argv[i]) : strlen(argv[i]), e);
        if (id < 0) return id;
        const struct option_row *row = &ROWS[id];
        if (row->kind == OPTION_FLAG && equals)
            return err_set(e, E_CONFIG, "%s takes no value", row->name);
        if (row->kind != OPTION_FLAG) {
            text = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
            if (!text) return err_set(e, E_CONFIG, "%s needs a value: %s", row->name, row->value);
        }
        int rc = read_value(row, text, &value, e);
        if (rc) return rc;
        keep((enum option_id)id, &value, out);
    }
    return check_address(out->wire.address, e);
}

void serve_options_help(struct buf *out)
{
    buf_add_text(out,
                 "Usage: ebb-world [serve] [OPTIONS]\n\n"
                 "A simulated AWS region behind AWS's own protocols, with stateful tasks in it,\n"
                 "on loopback. Runs until SIGTERM. GET /world/ lists its control API.\n\n");
    for (int i = 0; i < OPTIONS_N; i++)
        buf_add_format(out, "  %-14s %-8s %s\n", ROWS[i].name, ROWS[i].value, ROWS[i].help);
    buf_add_format(
        out,
        "\nEnvironment: %s and %s are the key that may do everything\n"
        "(%s and %s when unset). Secrets are never taken as arguments.\n"
        "Exit codes: 0 stopped by a signal, 1 could not run, 2 wrong usage or scenario.\n",
        KEY_ENV, SECRET_ENV, KEY_DEFAULT, SECRET_DEFAULT);
}
