"""One film on several processes or machines: inferred, steadied and drawn in three passes over its borders."""
