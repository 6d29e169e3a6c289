time.sleep(0.02)
