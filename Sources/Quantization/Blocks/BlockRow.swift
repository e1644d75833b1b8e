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
                if Format.usesImportance, memory.weighsByImportance {
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
        let byteCount = memory.count / Format.blockElements * Format.blockBytes
        return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            var bytes = unsafe BlockBytes(buffer)
            Tile.withTile { tile in
                let squareSum = rowSquareSum(memory)
                var first = 0
                while first < memory.count {
                    quantize(memory, from: first, into: tile, rowSquareSum: squareSum)
                    if Format.packsCodes {
                        tile.gatherCodes(columnLength: Format.columnLength, groups: Format.groups)
                    }
                    for block in 0..<blockCount(from: first, of: memory.count) {
                        Format.append(tile, block: block, to: &bytes)
                    }
                    first += Format.tileElements
                }
            }
            precondition(bytes.count == byteCount)
            initializedCount = byteCount
        }
    }

    /// The values of a row's bytes.
    static func decode(_ bytes: Span<UInt8>, count: Int) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: count) { target, initializedCount in
            guard let target = target.baseAddress else { return }
            Tile.withTile { tile in
                var first = 0
                while first < count {
                    let blocks = blockCount(from: first, of: count)
                    let offset = first / Format.blockElements * Format.blockBytes
                    for block in 0..<blocks {
                        Format.read(bytes, at: offset + block * Format.blockBytes, into: tile, block: block)
                    }
                    Format.updateScales(tile)
                    if Format.packsCodes {
                        unsafe storeCodes(tile, columns: blocks * Format.blockColumns, to: target + first)
                    } else {
                        unsafe storeLevels(tile, columns: blocks * Format.blockColumns, to: target + first)
                    }
                    first += blocks * Format.blockElements
                }
            }
            initializedCount = count
        }
    }

    /// Stores what a tile's codes stand for, column by column.
    @inline(__always)
    private static func storeCodes(_ tile: Tile, columns: Int, to target: UnsafeMutablePointer<Float>) {
        for column in 0..<columns {
            let (group, lane) = (column / EightFloats.laneCount, column % EightFloats.laneCount)
            let scale = FourFloats(repeating: tile.scales.scalar(group, lane: lane))
            let offset = FourFloats(repeating: Format.hasOffset ? tile.offsets.scalar(group, lane: lane) : 0)
            let first = column * Format.columnLength
            for index in stride(from: first, to: first + Format.columnLength, by: 4) {
                let codes = tile.codes[four: index]
                let levels = FourFloats(
                    Format.hasSignedCodes
                        ? SIMD4<Int32>(truncatingIfNeeded: SIMD4<Int8>(truncatingIfNeeded: codes))
                        : SIMD4<Int32>(truncatingIfNeeded: codes)
                )
                var values = scale * (levels - Format.zeroPoint)
                if Format.hasOffset { values += offset }
                unsafe UnsafeMutableRawPointer(target + index).storeBytes(of: values, as: FourFloats.self)
            }
        }
    }

    /// Stores what a tile's levels stand for.
    @inline(__always)
    private static func storeLevels(_ tile: Tile, columns: Int, to target: UnsafeMutablePointer<Float>) {
        for start in stride(from: 0, to: columns, by: EightFloats.laneCount) {
            let lanes = min(EightFloats.laneCount, columns - start)
            for index in 0..<Format.columnLength {
                let cast = Format.cast(tile, group: start / EightFloats.laneCount, index: index)
                for lane in 0..<lanes {
                    unsafe target[(start + lane) * Format.columnLength + index] = cast[lane]
                }
            }
        }
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
        if Format.usesImportance, memory.hasImportance {
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
