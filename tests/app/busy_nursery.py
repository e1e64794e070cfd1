"""A nursery that is busy compiling for as long as a test may wait, and hears nothing."""

import time

if __name__ == "__main__":
    time.sleep(3600)
