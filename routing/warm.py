"""Compile the loops of pricing, as an installation does: ``python -m routing.warm``."""

from time import perf_counter

from routing.compiling import compile_kernels, compile_long, compile_tours

if __name__ == "__main__":
    started = perf_counter()
    compile_kernels()
    compile_tours()
    compile_long()
    print(f"Pricing is compiled ({perf_counter() - started:.0f} s).")  # noqa: T201 - a command
