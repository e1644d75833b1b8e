#ifndef CVECTORS_H
#define CVECTORS_H

#include <stdbool.h>
#include <stdint.h>

// Loops over vectors of eight floats, for processors that have them: what `Quantization` does with two vectors of four, in the same
// order and without fused multiplications, so that every result is the same to the bit. Pointers are to vectors one after the other.

/// Whether the processor and its system have AVX2. Nothing else here may be called where they do not.
bool vectors_have_avx2(void);

/// `ScaleSearch.symmetric` of columns of at most 32 elements.
void vectors_symmetric(const float *row, const float *weights, float *levels, long count, float limit, float *scale);

/// `ScaleSearch.symmetricColumn`.
float vectors_symmetric_column(const float *row, const float *weights, float *levels, long count, float limit);

/// `RangeSearch.search` of columns of 16 or 32 elements.
void vectors_range(const float *row, const float *weights, float *levels, float *scratch, long count, float limit, float first,
                   float step, long trials, bool is_absolute, float *scale, float *minimum);

/// `MicroscalingBlocks.levels`.
void vectors_four_bit_floats(const float *row, const float *scale, float *levels, long count);

/// The sums of `CastSquares` over a whole number of fours, four lanes of each: signals, errors, and both with importance where it is
/// not null.
void vectors_cast_sums(const float *row, const float *cast, const float *importance, long count, double *sums);

/// `GridRounding.nearest` of points of four elements: the position of the best of `count` points, a whole number of eights. Of eight points
/// the first elements come first, then the second ones.
long vectors_nearest(const uint8_t *points, long count, const float *row, const float *weights, float scale);

#endif
