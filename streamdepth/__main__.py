"""`python -m streamdepth`."""

from streamdepth.cli.app import main

main()
