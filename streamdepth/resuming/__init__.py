"""Renders that outlive their process: what is kept beside an unfinished film, and how the next run goes on."""
