"""`python -m overlaykit` is the command `overlaykit`."""

from overlaykit.cli import main

if __name__ == "__main__":
    main()
