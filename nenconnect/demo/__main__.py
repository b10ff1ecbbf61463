import sys

from nenconnect.demo.launcher import main

sys.exit(main())
