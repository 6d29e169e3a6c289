#include "workers/workers.h"
#include "world/region/region.h"
