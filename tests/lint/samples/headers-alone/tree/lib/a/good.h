#ifndef EBB_A_GOOD_H
#define EBB_A_GOOD_H
struct good { int n; };
#endif
