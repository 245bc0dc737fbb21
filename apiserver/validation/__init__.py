"""What an object must satisfy beyond its types, with upstream's wording.

Each module checks one kind and answers with a list of causes; none raises. An empty list means valid.
"""
