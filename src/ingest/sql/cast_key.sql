SELECT {casts}
