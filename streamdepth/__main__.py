"""`python -m streamdepth`."""

from streamdepth.cli import main

main()
