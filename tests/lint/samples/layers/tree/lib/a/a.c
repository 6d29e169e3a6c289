#include "lib/base/str.h"
#include "world/region/region.h"
#include "../base/str.h"
