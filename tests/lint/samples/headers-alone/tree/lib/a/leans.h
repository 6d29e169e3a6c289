#ifndef EBB_A_LEANS_H
#define EBB_A_LEANS_H
size_t leans(void);
#endif
