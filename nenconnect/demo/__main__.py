import sys

from nenconnect.demo.launcher import start

sys.exit(start())
