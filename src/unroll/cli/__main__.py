"""`python -m unroll.cli`, the same as `unroll`."""

from unroll.cli.entry import main

if __name__ == "__main__":
    main()
