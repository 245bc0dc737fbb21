"""The vocabulary that every package shares: types, clocks, errors, quantities, selectors, patches.

Nothing here opens a socket or knows a component; everything above may import it.
"""
