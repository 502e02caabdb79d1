"""Moves a library: writes its papers, vectors and conversations to one file, and adds those of a file to a library."""
