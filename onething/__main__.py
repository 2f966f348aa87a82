"""``python -m onething`` is the command ``onething``."""

from onething.cli import main

main()
