"""What runs in the window's child processes: answering, looking, training. Free of Qt."""
