#ifndef EBB_MISNAMED_H
#define EBB_MISNAMED_H
#endif
