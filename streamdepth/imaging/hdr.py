"""HDR as SDR: what the signals of PQ and HLG mean in light, and a picture of that for an ordinary screen.

All in floating point and for any array whose last axis is R, G, B; whole pictures are mapped by tables of this.
Formulas: ITU-R BT.2100-2 (PQ, HLG), BT.2446-1 method A (brightness), BT.2087-0 (BT.2020 to BT.709).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import ColourMatrix

USUAL_PEAK = 1000.0
"""cd/m² of the brightest white where nobody says: that of HLG's reference screen, and of most films."""
GRAPHICS_WHITE = 203.0
"""cd/m² of white paper and of captions in HDR (ITU-R BT.2408): 58 % of PQ, 75 % of HLG."""
_SDR_PEAK = 100.0
_SCREEN = 2.4
"""The exponent of an SDR screen (BT.1886), in which BT.2446 calculates as well."""
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])
"""BT.2087, equation for linear light."""
_RED, _BLUE = ColourMatrix.BT2020.value
_GREEN = 1 - _RED - _BLUE

Light = NDArray[np.float64]


def pq_light(signal: Light) -> Light:
    """cd/m², 0 to 10,000, of a PQ signal, 0 to 1 (BT.2100, table 4: EOTF)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.clip(signal, 0, 1) ** (1 / m2)
    light: Light = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return light


def hlg_light(signal: Light, peak: float = USUAL_PEAK) -> Light:
    """cd/m², 0 to `peak`, of an HLG signal, 0 to 1, (..., 3) (BT.2100, table 5: inverse OETF, then OOTF)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = np.clip(signal, 0, 1)
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = (scene @ np.array([_RED, _GREEN, _BLUE]))[..., None]
    gamma = 1.2 + 0.42 * np.log10(peak / 1000)
    light: Light = peak * np.maximum(luminance, 1e-9) ** (gamma - 1) * scene
    return light


def pq_signal(light: Light) -> Light:
    """The PQ signal, 0 to 1, of cd/m²: `pq_light` backwards."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.clip(light / 10_000, 0, 1) ** m1
    signal: Light = ((c1 + c2 * root) / (1 + c3 * root)) ** m2
    return signal


def hlg_signal(light: Light, peak: float = USUAL_PEAK) -> Light:
    """The HLG signal, 0 to 1, of cd/m² on a screen of `peak`, (..., 3): `hlg_light` backwards."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    gamma = 1.2 + 0.42 * np.log10(peak / 1000)
    luminance = (light @ np.array([_RED, _GREEN, _BLUE]))[..., None]
    scene = np.clip(np.maximum(luminance / peak, 1e-9) ** (1 / gamma - 1) * light / peak, 0, 1)
    logarithmic = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    signal: Light = np.where(scene <= 1 / 12, np.sqrt(3 * scene), logarithmic)
    return signal


def graphics_light(signal: Light) -> Light:
    """cd/m², BT.2020, of a BT.709 signal, 0 to 1, (..., 3), that lies over HDR; its white is that of paper."""
    linear = np.clip(signal, 0, 1) ** _SCREEN
    light: Light = GRAPHICS_WHITE * np.clip(linear @ np.linalg.inv(_TO_BT709).T, 0, 1)
    return light


def sdr_signal(light: Light, peak: float = USUAL_PEAK) -> Light:
    """The BT.709 signal, 0 to 1, for an SDR screen of what is `light` (cd/m², BT.2020, (..., 3)) on one of `peak`."""
    rgb = np.clip(light / peak, 0, 1) ** (1 / _SCREEN)
    luma = (rgb @ np.array([_RED, _GREEN, _BLUE]))[..., None]
    mapped = _mapped_luma(luma, peak)
    # Colours lose as much as their brightness does, and a little more where they are strong.
    scale = np.divide(mapped, 1.1 * luma, out=np.zeros_like(luma), where=luma > 0)
    blue, red = scale * (rgb[..., 2:] - luma) / 1.8814, scale * (rgb[..., :1] - luma) / 1.4746
    luma = mapped - np.maximum(0.1 * red, 0)
    r, b = luma + 1.4746 * red, luma + 1.8814 * blue
    g = (luma - _RED * r - _BLUE * b) / _GREEN
    linear = np.clip(np.concatenate([r, g, b], axis=-1), 0, 1) ** _SCREEN
    signal: Light = np.clip(linear @ _TO_BT709.T, 0, 1) ** (1 / _SCREEN)
    return signal


def _mapped_luma(luma: Light, peak: float) -> Light:
    """BT.2446-1, table 2: luma as the eye sees it, bent, and back for an SDR screen."""
    hdr, sdr = _contrast(peak), _contrast(_SDR_PEAK)
    seen = np.log1p((hdr - 1) * luma) / np.log(hdr)
    bent = np.select(
        [seen <= 0.7399, seen < 0.9909],
        [1.0770 * seen, -1.1510 * seen**2 + 2.7811 * seen - 0.6302],
        0.5 * seen + 0.5,
    )
    mapped: Light = (sdr**bent - 1) / (sdr - 1)
    return mapped


def _contrast(peak: float) -> float:
    return float(1 + 32 * (peak / 10_000) ** (1 / _SCREEN))
