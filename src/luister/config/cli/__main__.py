"""python -m luister.config.cli, which is how the supervisor starts its children."""

from luister.config.cli.root import main

if __name__ == "__main__":
    main()
