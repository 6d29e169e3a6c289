import subprocess
def test_x(kafka):
    kafka.create_topic("bench", partitions=6)
    print(subprocess.run(["/tmp/bus/bench", kafka.brokers], capture_output=True, text=True, timeout=100))
