"""The product: what a person starts. Everything below it runs by itself, too."""
