import sys

from nenconnect.demo.launcher import run_launcher

sys.exit(run_launcher())
