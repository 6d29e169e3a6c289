import time
time.sleep(1)
sleep(2)
# time.sleep(3) in words
time.sleep(0.1)  # rule 37: the pace of the load is what is tested
oversleep(4)
