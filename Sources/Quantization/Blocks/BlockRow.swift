/// Casts rows to a format of blocks, tile by tile.
enum BlockRow<Format: BlockFormat> {
    /// `Σ weight · (element − cast)²`.
    static func squaredError(_ memory: RowMemory) -> Double {
        Tile.withTile { tile in
            let meanSquare = rowMeanSquare(memory)
            var sums = (low: SIMD4<Double>.zero, high: SIMD4<Double>.zero)
            var first = 0
            while first < memory.count {
                quantize(memory, from: first, into: tile, rowMeanSquare: meanSquare)
                if memory.hasWeights {
                    addErrors(tile, to: &sums, hasWeights: true)
                } else {
                    addErrors(tile, to: &sums, hasWeights: false)
                }
                first += Format.tileElements
            }
            let sum = sums.low + sums.high
            return (sum[0] + sum[1]) + (sum[2] + sum[3])
        }
    }

    /// The row's bytes.
    static func encode(_ memory: RowMemory) -> [UInt8] {
        Tile.withTile { tile in
            let meanSquare = rowMeanSquare(memory)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(memory.count / Format.blockElements * Format.blockBytes)
            var first = 0
            while first < memory.count {
                quantize(memory, from: first, into: tile, rowMeanSquare: meanSquare)
                for block in 0..<blockCount(from: first, of: memory.count) {
                    Format.append(tile, block: block, to: &bytes)
                }
                first += Format.tileElements
            }
            return bytes
        }
    }

    /// The values of a row's bytes.
    static func decode(_ bytes: Span<UInt8>, count: Int) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(count)
        var offset = 0
        while values.count < count {
            Tile.withTile { tile in
                let blocks = blockCount(from: values.count, of: count)
                for block in 0..<blocks {
                    Format.read(bytes, at: offset + block * Format.blockBytes, into: tile, block: block)
                }
                offset += blocks * Format.blockBytes
                Format.updateScales(tile)
                for column in 0..<(blocks * Format.blockColumns) {
                    for index in 0..<Format.columnLength {
                        values.append(Format.cast(tile, group: column / 8, index: index)[column % 8])
                    }
                }
            }
        }
        return values
    }

    /// The number of blocks in the tile that begins at an element.
    private static func blockCount(from first: Int, of count: Int) -> Int {
        min(Format.tileBlocks, (count - first) / Format.blockElements)
    }

    @inline(__always)
    private static func rowMeanSquare(_ memory: RowMemory) -> Float {
        guard memory.hasWeights, Format.meanSquareScope == .row, memory.count > 0 else { return 0 }
        return memory.squareSum(0..<memory.count) / Float(memory.count)
    }

    @inline(__always)
    private static func quantize(_ memory: RowMemory, from first: Int, into tile: Tile, rowMeanSquare: Float)
    {
        // The two searches are compiled apart, as one knows more than the other.
        if memory.hasWeights {
            tile.load(
                memory,
                from: first,
                columnLength: Format.columnLength,
                groups: Format.groups,
                hasImportance: true
            )
            var meanSquare = rowMeanSquare
            if Format.meanSquareScope == .block {
                meanSquare =
                    memory.squareSum(first..<(first + Format.tileElements)) / Float(Format.tileElements)
            }
            Format.quantize(tile, SearchContext(hasImportance: true, meanSquare: meanSquare))
        } else {
            tile.load(
                memory,
                from: first,
                columnLength: Format.columnLength,
                groups: Format.groups,
                hasImportance: false
            )
            Format.quantize(tile, SearchContext(hasImportance: false, meanSquare: 0))
        }
        Format.updateScales(tile)
    }

    @inline(__always)
    private static func addErrors(
        _ tile: Tile,
        to sums: inout (low: SIMD4<Double>, high: SIMD4<Double>),
        hasWeights: Bool
    ) {
        for group in 0..<Format.groups {
            for index in 0..<Format.columnLength {
                let position = group * Format.columnLength + index
                let cast = Format.cast(tile, group: group, index: index)
                let row = tile.row[position]
                let low = SIMD4<Double>(row.low) - SIMD4<Double>(cast.low)
                let high = SIMD4<Double>(row.high) - SIMD4<Double>(cast.high)
                if hasWeights {
                    let weights = tile.importance[position]
                    sums.low += low * low * SIMD4<Double>(weights.low)
                    sums.high += high * high * SIMD4<Double>(weights.high)
                } else {
                    sums.low += low * low
                    sums.high += high * high
                }
            }
        }
    }
}
