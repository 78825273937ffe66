"""``python -m pipeline`` is ``opclaims``."""

from pipeline.cli.app import main

if __name__ == "__main__":
    main()
