int drawn = rand();
usleep(1);
