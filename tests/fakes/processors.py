"""Processors that people have, by what /proc/cpuinfo says of each: flags, features in words, whether it does int8."""

AVX2 = "fpu sse4_2 avx avx2 fma"
AVX512 = f"{AVX2} avx512f avx512bw avx512vl"
MACHINES = {
    "x86 of 2010": ("fpu sse4_2", "", False),
    "AVX2 (Haswell, Zen 1 to 3)": (AVX2, "AVX2", False),
    "AVX-512 without VNNI (Skylake-X)": (AVX512, "AVX2, AVX-512", False),
    "VNNI in AVX-512 (Cascade Lake)": (f"{AVX512} avx512_vnni", "AVX2, AVX-512, VNNI", True),
    "VNNI and bf16 (Cooper Lake, Zen 4)": (
        f"{AVX512} avx512_vnni avx512_bf16",
        "AVX2, AVX-512, VNNI, bf16",
        True,
    ),
    "bf16 without VNNI": (f"{AVX512} avx512_bf16", "AVX2, AVX-512, bf16", False),
    "VNNI in AVX2 (Alder Lake)": (f"{AVX2} avx_vnni", "AVX2, VNNI", True),
    "AMX (Sapphire Rapids)": (
        f"{AVX512} avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8",
        "AVX2, AVX-512, VNNI, bf16, AMX",
        True,
    ),
    "ARM without dot product (Raspberry Pi 4)": ("fp asimd", "NEON", False),
    "ARM with dot product (Raspberry Pi 5)": ("fp asimd asimddp", "NEON, dot product", True),
    "ARM with bf16": ("fp asimd asimddp bf16", "bf16, NEON, dot product", True),
}
