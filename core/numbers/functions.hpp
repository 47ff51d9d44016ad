#pragma once
#include "numbers/vector.hpp"

// exp, tanh, sigmoid and log by the method of Cephes (expf.c, logf.c): reduce the range, then a polynomial.
// exp and tanh stay within 2 units in the last place over the whole range; NaN gives NaN.
namespace CORE_SET {

/// x = power * ln 2 + rest, |rest| <= ln 2 / 2
struct Reduced {
  Bits power;
  Vec rest;
};

inline Reduced reduce(Vec x) {
  constexpr f32 to_integer = 12582912.f;  // 1.5 * 2^23: adding it rounds, and leaves the integer in the low bits
  constexpr f32 ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  const Vec shifted = x * 1.44269504088896341f + to_integer;
  const Vec n = shifted - to_integer;
  return {(Bits)shifted - (Bits)spread(to_integer), x - n * ln2_high - n * ln2_low};
}

/// e^r - 1 - r for |r| <= ln 2 / 2
inline Vec exp_above_line(Vec r) {
  Vec p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return p * (r * r);
}

/// 2^n for -127 < n < 128
inline Vec power_of_2(Bits n) { return (Vec)((n + 127) << 23); }

inline Vec exp(Vec x) {
  const Reduced a = reduce(at_least(at_most(x, 90), -105));
  const Bits half = a.power >> 1;  // two factors reach the denormal numbers and infinity
  return (exp_above_line(a.rest) + a.rest + 1) * power_of_2(half) * power_of_2(a.power - half);
}

/// 1 / (1 + e^-x)
inline Vec sigmoid(Vec x) {
  const Reduced a = reduce(at_least(at_most(-x, 87), -87));
  const Vec scale = power_of_2(a.power);
  return 1 / ((exp_above_line(a.rest) + a.rest) * scale + scale + 1);
}

/// |x| < 0.625: x + x^3 P(x^2); else, with y = |x|, 1 - 2 / (e^2y + 1)
inline Vec tanh(Vec x) {
  const Bits sign = (Bits)x & INT32_MIN;
  const Vec y = (Vec)((Bits)x & INT32_MAX), square = x * x;
  Vec p = -5.70498872745e-3f * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const Vec near = p * square * x + x;
  const Reduced a = reduce(at_most(y + y, 19));  // tanh(9.5) rounds to 1
  const Vec scale = power_of_2(a.power);
  const Vec far = 1 - 2 / ((exp_above_line(a.rest) + a.rest) * scale + (scale + 1));
  return y < 0.625f ? near : (Vec)((Bits)far | sign);
}

/// Natural logarithm of normal numbers > 0.
inline Vec log(Vec x) {
  // x = 2^power * m, sqrt(1/2) <= m < sqrt(2)
  Bits power = (((Bits)x >> 23) & 255) - 126;
  Vec m = (Vec)(((Bits)x & 0x007fffff) | 0x3f000000);
  const Bits small = m < 0.707106781186547524f;
  power += small;
  m = (small ? m + m : m) - 1;
  Vec p = 7.0376836292e-2f * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const Vec n = __builtin_convertvector(power, Vec);
  const Vec square = m * m;
  return p * m * square + n * -2.12194440e-4f - 0.5f * square + m + n * 0.693359375f;
}

inline f32 exp(f32 x) { return exp(spread(x))[0]; }
inline f32 log(f32 x) { return log(spread(x))[0]; }

/// log(1 + x) for 0 <= x <= 1, precise for small x too (Kahan's correction of the rounding of 1 + x).
inline f32 log_1_plus(f32 x) {
  const f32 u = 1 + x;
  return u == 1 ? x : log(u) * (x / (u - 1));
}

}  // namespace CORE_SET
