"""Proof that an output is whole: what it holds, written down when it was made and compared later on."""
