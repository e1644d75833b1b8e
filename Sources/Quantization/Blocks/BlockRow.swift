/// Casts rows to a format of blocks, tile by tile.
enum BlockRow<Format: BlockFormat> {
    /// The row's squared errors.
    static func squaredErrors(_ memory: RowMemory) -> SquaredErrors {
        Tile.withTile { tile in
            let squareSum = rowSquareSum(memory)
            var sums = ErrorSums()
            var first = 0
            while first < memory.count {
                quantize(memory, from: first, into: tile, rowSquareSum: squareSum)
                if memory.weighsByImportance {
                    addErrors(tile, weights: tile.importance, to: &sums)
                } else if memory.hasWeights {
                    tile.loadErrorWeights(
                        memory,
                        from: first,
                        columnLength: Format.columnLength,
                        groups: Format.groups
                    )
                    addErrors(tile, weights: tile.scratch, to: &sums)
                } else {
                    addErrors(tile, weights: nil, to: &sums)
                }
                first += Format.tileElements
            }
            return sums.errors(hasWeights: memory.hasWeights)
        }
    }

    /// The row's bytes.
    static func encode(_ memory: RowMemory) -> [UInt8] {
        Tile.withTile { tile in
            let squareSum = rowSquareSum(memory)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(memory.count / Format.blockElements * Format.blockBytes)
            var first = 0
            while first < memory.count {
                quantize(memory, from: first, into: tile, rowSquareSum: squareSum)
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
        var values = [Float](repeating: 0, count: count)
        unsafe values.withUnsafeMutableBufferPointer { target in
            var first = 0
            while first < count {
                Tile.withTile { tile in
                    let blocks = blockCount(from: first, of: count)
                    let offset = first / Format.blockElements * Format.blockBytes
                    for block in 0..<blocks {
                        Format.read(bytes, at: offset + block * Format.blockBytes, into: tile, block: block)
                    }
                    Format.updateScales(tile)
                    let columns = blocks * Format.blockColumns
                    for start in stride(from: 0, to: columns, by: EightFloats.laneCount) {
                        let lanes = min(EightFloats.laneCount, columns - start)
                        for index in 0..<Format.columnLength {
                            let cast = Format.cast(tile, group: start / EightFloats.laneCount, index: index)
                            for lane in 0..<lanes {
                                let place = first + (start + lane) * Format.columnLength + index
                                unsafe target[place] = cast[lane]
                            }
                        }
                    }
                    first += blocks * Format.blockElements
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
    private static func rowSquareSum(_ memory: RowMemory) -> Float {
        guard memory.hasImportance, Format.meanSquareScope == .row else { return 0 }
        return memory.squareSum(0..<memory.count)
    }

    @inline(__always)
    private static func quantize(_ memory: RowMemory, from first: Int, into tile: Tile, rowSquareSum: Float) {
        // The two searches are compiled apart, as one knows more than the other.
        if memory.hasImportance {
            tile.load(
                memory,
                from: first,
                columnLength: Format.columnLength,
                groups: Format.groups,
                hasImportance: true
            )
            var context = SearchContext(hasImportance: true, squareSum: rowSquareSum, count: memory.count)
            if Format.meanSquareScope == .block {
                context = blockContext(memory, from: first, hasImportance: true)
            }
            Format.quantize(tile, context)
        } else {
            tile.load(
                memory,
                from: first,
                columnLength: Format.columnLength,
                groups: Format.groups,
                hasImportance: false
            )
            var context = SearchContext(hasImportance: false, squareSum: 0, count: 1)
            if Format.alwaysNeedsMeanSquare {
                context = blockContext(memory, from: first, hasImportance: false)
            }
            Format.quantize(tile, context)
        }
        Format.updateScales(tile)
    }

    /// What a search knows of a tile that is one block.
    @inline(__always)
    private static func blockContext(_ memory: RowMemory, from first: Int, hasImportance: Bool)
        -> SearchContext
    {
        SearchContext(
            hasImportance: hasImportance,
            squareSum: memory.squareSum(first..<(first + Format.tileElements)),
            count: Format.tileElements
        )
    }

    @inline(__always)
    private static func addErrors(_ tile: Tile, weights: Lanes?, to sums: inout ErrorSums) {
        for group in 0..<Format.groups {
            for index in 0..<Format.columnLength {
                let position = group * Format.columnLength + index
                let cast = Format.cast(tile, group: group, index: index)
                sums.add(tile.row[position], cast, weights: weights?[position])
            }
        }
    }
}
