#include <stddef.h>
static const int TABLE[] = {1, 2, 3};
static const char *const NAMES[] = {"one", "two"};
int counter;
static _Thread_local int per_thread;
static int begun = 1;
int state_next(size_t i);
int state_next(size_t i)
{
    static int last;
    last += TABLE[i] + NAMES[i][0] + counter++ + per_thread++ + begun++;
    return last;
}
