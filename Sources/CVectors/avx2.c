#include "CVectors.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <float.h>
#include <immintrin.h>
#include <math.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

typedef __m256 Eight;

bool vectors_have_avx2(void) {
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return false;
    // The system has to save the registers, which it says in a register of its own.
    if (!(ecx & (1u << 27)) || !(ecx & (1u << 28))) return false;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6) return false;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return false;
    return ebx & (1u << 5);
}

INLINE Eight load(const float *vectors, long index) { return _mm256_loadu_ps(vectors + 8 * index); }
INLINE void store(float *vectors, long index, Eight value) { _mm256_storeu_ps(vectors + 8 * index, value); }
INLINE Eight all(float value) { return _mm256_set1_ps(value); }
INLINE Eight plus(Eight left, Eight right) { return _mm256_add_ps(left, right); }
INLINE Eight minus(Eight left, Eight right) { return _mm256_sub_ps(left, right); }
INLINE Eight times(Eight left, Eight right) { return _mm256_mul_ps(left, right); }
INLINE Eight over(Eight left, Eight right) { return _mm256_div_ps(left, right); }
INLINE Eight is_less(Eight left, Eight right) { return _mm256_cmp_ps(left, right, _CMP_LT_OQ); }
INLINE Eight is_more(Eight left, Eight right) { return _mm256_cmp_ps(left, right, _CMP_GT_OQ); }
INLINE Eight both(Eight left, Eight right) { return _mm256_and_ps(left, right); }
INLINE bool any(Eight mask) { return _mm256_movemask_ps(mask) != 0; }
/// The first vector, and the lanes of the second where a mask is set.
INLINE Eight replaced(Eight value, Eight other, Eight mask) { return _mm256_blendv_ps(value, other, mask); }
INLINE Eight magnitude(Eight value) { return _mm256_andnot_ps(all(-0.0f), value); }
/// The nearest integers, ties to even. A zero may be negative, which it is not where vectors of four round: sums that begin with zero, and
/// levels to which something is added, are the same.
INLINE Eight nearest(Eight value) { return _mm256_round_ps(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// NaN becomes the lower bound.
INLINE Eight clamped(Eight value, Eight lower, Eight upper) {
    return _mm256_min_ps(_mm256_max_ps(value, lower), upper);
}

// Scales without a minimum

typedef struct {
    Eight product, square;
} Sums;

INLINE void add_levels(Sums *sums, Eight inverse, Eight element, Eight weight, Eight weighted, Eight lower, Eight upper) {
    Eight level = clamped(nearest(times(inverse, element)), lower, upper);
    sums->product = plus(sums->product, times(weighted, level));
    sums->square = plus(sums->square, times(times(weight, level), level));
}

typedef struct {
    Eight scale, best, inverse;
} Best;

INLINE void take_better(Best *best, Sums sums, Eight inverse) {
    Eight is_better = both(is_more(sums.square, _mm256_setzero_ps()),
                           is_more(times(sums.product, sums.product), times(best->best, sums.square)));
    if (!any(is_better)) return;
    Eight scale = over(sums.product, sums.square);
    best->scale = replaced(best->scale, scale, is_better);
    best->best = replaced(best->best, times(scale, sums.product), is_better);
    best->inverse = replaced(best->inverse, inverse, is_better);
}

AVX2 void vectors_symmetric(const float *row, const float *weights, float *levels, long count, float limit, float *scale) {
    Eight zero = _mm256_setzero_ps(), lower = all(-limit), upper = all(limit - 1);
    Eight weighted[32];
    Eight largest = load(row, 0);
    for (long index = 0; index < count; index += 1) {
        Eight element = load(row, index);
        largest = replaced(largest, element, is_more(magnitude(element), magnitude(largest)));
        weighted[index] = times(load(weights, index), element);
    }
    Eight is_zero = is_less(magnitude(largest), all(1e-15f));
    Best best;
    best.inverse = over(all(-limit), largest);
    Sums sums = {zero, zero};
    for (long index = 0; index < count; index += 1) {
        add_levels(&sums, best.inverse, load(row, index), load(weights, index), weighted[index], lower, upper);
    }
    best.scale = replaced(over(sums.product, sums.square), zero, _mm256_cmp_ps(sums.square, zero, _CMP_EQ_OQ));
    best.best = times(best.scale, sums.product);
    // Two trials side by side keep an instruction's latency from showing: steps from -9 to -1 and from 1 to 9.
    for (int trial = 0; trial < 18; trial += 2) {
        int step = trial < 9 ? trial - 9 : trial - 8, next = trial + 1 < 9 ? trial - 8 : trial - 7;
        Eight one = over(all(-(limit + 0.1f * (float)step)), largest);
        Eight two = over(all(-(limit + 0.1f * (float)next)), largest);
        Sums first = {zero, zero}, second = {zero, zero};
        for (long index = 0; index < count; index += 1) {
            Eight element = load(row, index), weight = load(weights, index);
            add_levels(&first, one, element, weight, weighted[index], lower, upper);
            add_levels(&second, two, element, weight, weighted[index], lower, upper);
        }
        take_better(&best, first, one);
        take_better(&best, second, two);
    }
    for (long index = 0; index < count; index += 1) {
        Eight level = clamped(nearest(times(best.inverse, load(row, index))), lower, upper);
        store(levels, index, replaced(plus(all(limit), level), zero, is_zero));
    }
    store(scale, 0, replaced(best.scale, zero, is_zero));
}

AVX2 float vectors_symmetric_column(const float *row, const float *weights, float *levels, long count, float limit) {
    Eight zero = _mm256_setzero_ps(), lower = all(-limit), upper = all(limit - 1);
    float largest = row[0];
    for (long index = 1; index < count; index += 1) {
        if (fabsf(row[8 * index]) > fabsf(largest)) largest = row[8 * index];
    }
    if (fabsf(largest) < 1e-15f) {
        for (long index = 0; index < count; index += 1) store(levels, index, zero);
        return 0;
    }
    float inverse = 0, scale = 0, best = 0;
    // The trial without a step comes first, and then those with steps from -9 to -1 and from 1 to 9.
    for (int first = 0; first < 19; first += 8) {
        float inverses[8], products[8], squares[8];
        for (int lane = 0; lane < 8; lane += 1) {
            int trial = first + lane, step = trial == 0 ? 0 : trial < 10 ? trial - 10 : trial - 9;
            inverses[lane] = -(limit + 0.1f * (float)step) / largest;
        }
        Eight own = _mm256_loadu_ps(inverses);
        Sums sums = {zero, zero};
        for (long index = 0; index < count; index += 1) {
            float element = row[8 * index], weight = weights[8 * index];
            add_levels(&sums, own, all(element), all(weight), all(weight * element), lower, upper);
        }
        _mm256_storeu_ps(products, sums.product);
        _mm256_storeu_ps(squares, sums.square);
        for (int lane = 0; lane < 8 && first + lane < 19; lane += 1) {
            float product = products[lane], square = squares[lane];
            bool is_first = first + lane == 0;
            if (!is_first && !(square > 0 && product * product > best * square)) continue;
            scale = is_first && square == 0 ? 0 : product / square;
            best = scale * product;
            inverse = inverses[lane];
        }
    }
    for (long index = 0; index < count; index += 1) {
        store(levels, index, plus(all(limit), clamped(nearest(times(all(inverse), load(row, index))), lower, upper)));
    }
    return scale;
}

// Scales with a minimum

INLINE Eight range_error(Eight difference, Eight weight, bool is_absolute) {
    return times(weight, is_absolute ? magnitude(difference) : times(difference, difference));
}

INLINE void range(const float *row, const float *weights, float *levels, float *scratch, long count, float limit, float first_step,
                  float step, long trials, bool is_absolute, float *scale_out, float *minimum_out) {
    Eight zero = _mm256_setzero_ps(), upper = all(limit);
    Eight minimum = load(row, 0), maximum = minimum;
    Eight weight_sum = load(weights, 0), element_sum = times(weight_sum, minimum);
    for (long index = 1; index < count; index += 1) {
        Eight element = load(row, index), weight = load(weights, index);
        minimum = _mm256_min_ps(element, minimum);
        maximum = _mm256_max_ps(element, maximum);
        weight_sum = plus(weight_sum, weight);
        element_sum = plus(element_sum, times(weight, element));
    }
    minimum = replaced(minimum, zero, is_more(minimum, zero));
    Eight is_flat = _mm256_cmp_ps(maximum, minimum, _CMP_LE_OQ);
    Eight first = minimum;
    Eight best_inverse = over(upper, minus(maximum, minimum));
    Eight best_origin = minimum;
    Eight scale = over(all(1), best_inverse);
    Eight best = zero;
    for (long index = 0; index < count; index += 1) {
        Eight element = load(row, index);
        Eight level = clamped(nearest(times(best_inverse, minus(element, minimum))), zero, upper);
        Eight difference = minus(plus(times(scale, level), minimum), element);
        best = plus(best, range_error(difference, load(weights, index), is_absolute));
    }
    for (long trial = 0; trial <= trials; trial += 1) {
        float steps = first_step + step * (float)trial;
        Eight inverse = over(all(steps + limit), minus(maximum, minimum));
        Eight level_sum = zero, square_sum = zero, product_sum = zero;
        for (long index = 0; index < count; index += 1) {
            Eight element = load(row, index);
            Eight level = clamped(nearest(times(inverse, minus(element, minimum))), zero, upper);
            store(scratch, index, level);
            Eight weighted = times(load(weights, index), level);
            level_sum = plus(level_sum, weighted);
            square_sum = plus(square_sum, times(weighted, level));
            product_sum = plus(product_sum, times(weighted, element));
        }
        Eight determinant = minus(times(weight_sum, square_sum), times(level_sum, level_sum));
        Eight is_solvable = is_more(determinant, zero);
        if (!any(is_solvable)) continue;
        Eight new_scale = over(minus(times(weight_sum, product_sum), times(element_sum, level_sum)), determinant);
        Eight new_minimum = over(minus(times(square_sum, element_sum), times(level_sum, product_sum)), determinant);
        Eight is_above = is_more(new_minimum, zero);
        new_scale = replaced(new_scale, over(product_sum, square_sum), is_above);
        new_minimum = replaced(new_minimum, zero, is_above);
        Eight error = zero;
        for (long index = 0; index < count; index += 1) {
            Eight difference = minus(plus(times(new_scale, load(scratch, index)), new_minimum), load(row, index));
            error = plus(error, range_error(difference, load(weights, index), is_absolute));
        }
        Eight is_better = both(is_solvable, is_less(error, best));
        if (!any(is_better)) continue;
        best = replaced(best, error, is_better);
        best_inverse = replaced(best_inverse, inverse, is_better);
        best_origin = replaced(best_origin, minimum, is_better);
        scale = replaced(scale, new_scale, is_better);
        minimum = replaced(minimum, new_minimum, is_better);
    }
    for (long index = 0; index < count; index += 1) {
        Eight level = clamped(nearest(times(best_inverse, minus(load(row, index), best_origin))), zero, upper);
        store(levels, index, replaced(level, zero, is_flat));
    }
    store(scale_out, 0, replaced(scale, zero, is_flat));
    store(minimum_out, 0, replaced(minimum, first, is_flat));
}

AVX2 void vectors_range(const float *row, const float *weights, float *levels, float *scratch, long count, float limit, float first,
                        float step, long trials, bool is_absolute, float *scale, float *minimum) {
    // Compiled for each length of columns and each kind of error.
    if (is_absolute) {
        range(row, weights, levels, scratch, count, limit, first, step, trials, true, scale, minimum);
    } else if (count == 16) {
        range(row, weights, levels, scratch, 16, limit, first, step, trials, false, scale, minimum);
    } else {
        range(row, weights, levels, scratch, 32, limit, first, step, trials, false, scale, minimum);
    }
}

// Floats of four bits

/// The lanes of a step where elements are above a threshold, zeros elsewhere.
INLINE Eight step_above(Eight element, Eight threshold, float height) { return both(is_more(element, threshold), all(height)); }

AVX2 void vectors_four_bit_floats(const float *row, const float *scale, float *levels, long count) {
    Eight one = load(scale, 0), half = times(one, all(0.5f));
    Eight first = half, second = plus(half, one), third = plus(one, times(one, all(1.5f)));
    Eight fourth = plus(times(one, all(1.5f)), times(one, all(2))), fifth = plus(times(one, all(2)), times(one, all(3)));
    Eight sixth = plus(times(one, all(3)), times(times(one, all(8)), all(0.5f)));
    Eight seventh = plus(times(times(one, all(8)), all(0.5f)), times(times(one, all(12)), all(0.5f)));
    for (long index = 0; index < count; index += 1) {
        Eight element = load(row, index), size = magnitude(element);
        // Small whole numbers, whose sums are the same in any order.
        Eight low = plus(step_above(size, first, 1), step_above(size, second, 1));
        Eight middle = plus(step_above(size, third, 1), step_above(size, fourth, 1));
        Eight high = plus(step_above(size, fifth, 2), step_above(size, sixth, 2));
        Eight level = plus(plus(low, middle), plus(high, step_above(size, seventh, 4)));
        store(levels, index, _mm256_or_ps(level, both(element, all(-0.0f))));
    }
}

// Errors

AVX2 void vectors_cast_sums(const float *row, const float *cast, const float *importance, long count, double *sums) {
    __m256d signals = _mm256_setzero_pd(), errors = signals, weighted_signals = signals, weighted_errors = signals;
    if (importance) {
        for (long index = 0; index + 4 <= count; index += 4) {
            __m256d weight = _mm256_cvtps_pd(_mm_loadu_ps(row + index));
            __m256d distance = _mm256_sub_pd(weight, _mm256_cvtps_pd(_mm_loadu_ps(cast + index)));
            __m256d factor = _mm256_cvtps_pd(_mm_loadu_ps(importance + index));
            __m256d square = _mm256_mul_pd(weight, weight), error = _mm256_mul_pd(distance, distance);
            signals = _mm256_add_pd(signals, square);
            errors = _mm256_add_pd(errors, error);
            weighted_signals = _mm256_add_pd(weighted_signals, _mm256_mul_pd(factor, square));
            weighted_errors = _mm256_add_pd(weighted_errors, _mm256_mul_pd(factor, error));
        }
    } else {
        for (long index = 0; index + 4 <= count; index += 4) {
            __m256d weight = _mm256_cvtps_pd(_mm_loadu_ps(row + index));
            __m256d distance = _mm256_sub_pd(weight, _mm256_cvtps_pd(_mm_loadu_ps(cast + index)));
            signals = _mm256_add_pd(signals, _mm256_mul_pd(weight, weight));
            errors = _mm256_add_pd(errors, _mm256_mul_pd(distance, distance));
        }
    }
    _mm256_storeu_pd(sums, signals);
    _mm256_storeu_pd(sums + 4, errors);
    _mm256_storeu_pd(sums + 8, weighted_signals);
    _mm256_storeu_pd(sums + 12, weighted_errors);
}

// Grids

INLINE Eight widened(const uint8_t *bytes) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes)));
}

INLINE Eight grid_error(Eight error, Eight odd, Eight element, Eight weight, Eight scale) {
    Eight difference = minus(times(scale, odd), element);
    return plus(error, times(times(weight, difference), difference));
}

/// The smallest of eight lanes, in all of them.
INLINE Eight smallest(Eight value) {
    value = _mm256_min_ps(value, _mm256_permute2f128_ps(value, value, 1));
    value = _mm256_min_ps(value, _mm256_shuffle_ps(value, value, 0x4E));
    return _mm256_min_ps(value, _mm256_shuffle_ps(value, value, 0xB1));
}

AVX2 long vectors_nearest(const uint8_t *points, long count, const float *row, const float *weights, float scale) {
    Eight factor = all(scale), best = all(FLT_MAX), best_position = all(INFINITY);
    Eight position = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    // A lane's elements stand a vector apart.
    Eight elements[4] = {all(row[0]), all(row[8]), all(row[16]), all(row[24])};
    Eight factors[4] = {all(weights[0]), all(weights[8]), all(weights[16]), all(weights[24])};
    for (long first = 0; first < count; first += 8) {
        const uint8_t *own = points + 4 * first;
        Eight error = _mm256_setzero_ps();
        for (long index = 0; index < 4; index += 1) {
            error = grid_error(error, widened(own + 8 * index), elements[index], factors[index], factor);
        }
        Eight is_better = is_less(error, best);
        best = replaced(best, error, is_better);
        best_position = replaced(best_position, position, is_better);
        position = plus(position, all(8));
    }
    Eight is_least = _mm256_cmp_ps(best, smallest(best), _CMP_EQ_OQ);
    float found = _mm256_cvtss_f32(smallest(replaced(all(INFINITY), best_position, is_least)));
    return found < INFINITY ? (long)found : 0;
}

#else

bool vectors_have_avx2(void) { return false; }

void vectors_symmetric(const float *row, const float *weights, float *levels, long count, float limit, float *scale) {}
float vectors_symmetric_column(const float *row, const float *weights, float *levels, long count, float limit) { return 0; }
void vectors_range(const float *row, const float *weights, float *levels, float *scratch, long count, float limit, float first,
                   float step, long trials, bool is_absolute, float *scale, float *minimum) {}
void vectors_four_bit_floats(const float *row, const float *scale, float *levels, long count) {}
void vectors_cast_sums(const float *row, const float *cast, const float *importance, long count, double *sums) {}
long vectors_nearest(const uint8_t *points, long count, const float *row, const float *weights, float scale) { return 0; }

#endif
