"""Endings of films."""

FILM_SUFFIXES = frozenset(
    (
        *(".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".h264", ".h265", ".hevc", ".ivf"),
        *(
            ".m1v",
            ".m2t",
            ".m2ts",
            ".m2v",
            ".m4v",
            ".mj2",
            ".mjpeg",
            ".mjpg",
            ".mkv",
            ".mov",
            ".mp4",
            ".mpeg",
        ),
        *(".mpg", ".mts", ".mxf", ".nut", ".ogm", ".ogv", ".rm", ".rmvb", ".ts", ".vob", ".webm", ".wmv"),
        ".y4m",
    )
)
"""In small letters: what a folder is searched for. A file that is named is read whatever its ending."""
