"""`python -m gui` opens the window. Child processes import this file again, so that it does nothing by itself."""

from .start import main

if __name__ == "__main__":
    main()
