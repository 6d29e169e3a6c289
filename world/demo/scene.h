/* SPDX-License-Identifier: Apache-2.0
 * The texts the demo starts its processes with: the world's scenario, ebb.yaml, and environments.
 */
#ifndef EBB_WORLD_DEMO_SCENE_H
#define EBB_WORLD_DEMO_SCENE_H

#include "world/demo/demo.h"

#define SCENE_SCENARIO "scenario.json"
#define SCENE_CONFIG   "ebb.yaml"
#define SCENE_ENV      "env"

struct demo_secrets scene_secrets(struct arena *a);

struct str scene_scenario(struct arena *a, const struct demo_secrets *secrets);
struct str scene_config(struct arena *a, const struct demo_places *places);

/* Environments are made from nothing, so that no setting of the person's who runs the demo can
 * reach what it starts. Each ends with NULL. */
const char *const *scene_world_environment(const struct demo *d, struct arena *a);
const char *const *scene_ebb_environment(const struct demo *d, struct arena *a);
/* The same as a file for a shell to source, for who wants to try commands. */
struct str scene_shell_file(const struct demo *d, struct arena *a);

#endif
