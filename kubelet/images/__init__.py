"""What runs in fake containers: images as data, each program in a module of its own."""
