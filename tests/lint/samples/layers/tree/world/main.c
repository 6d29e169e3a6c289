#include "lib/base/str.h"
#include "commands/commands.h"
