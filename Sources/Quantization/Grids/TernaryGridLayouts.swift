/// `IQ1_S`: columns of 32 with one shift.
enum WholeShiftLayout: TernaryGridLayout {
    static var blockBytes: Int { 50 }
    static var columnLength: Int { 32 }
    static var shiftLength: Int { 32 }
    static var negligible: Float { 1e-12 }
    static var scaleFactor: Float { 1.125 }
    static var refitsScale: Bool { false }

    @inline(__always)
    static func search(_ tile: Tile, first: Int) -> TernarySplit.Found {
        let (products, weights) = (tile.scratch, tile.roots)
        for index in 0..<columnLength {
            products[index] = tile.row[first + index]
            weights[index] = tile.searchWeights[first + index]
        }
        TernarySplit.sort(columnLength, row: products, weights: weights, order: tile.order)
        var product = EightFloats.zero
        var weight = EightFloats.zero
        for index in 0..<columnLength {
            product += weights[index] * products[index]
            weight += weights[index]
            products[index] = product
            weights[index] = weight
        }
        return TernarySplit.search(columnLength, products: products, weights: weights)
    }

    static func append(_ block: TernaryGridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        let points = (0..<32).map { block.point($0) }
        for point in points { bytes.append(UInt8(truncatingIfNeeded: point)) }
        for column in 0..<8 {
            var bits = UInt16(block.code(column)) << 12 | (block.isShiftedDown(4 * column) ? 0x8000 : 0)
            for part in 0..<4 { bits |= UInt16(points[4 * column + part] >> 8) << UInt16(3 * part) }
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(bits >> 8))
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> TernaryGridBlockReading {
        var block = TernaryGridBlockReading(scale: bytes.half(at: offset))
        for column in 0..<8 {
            let start = offset + 34 + 2 * column
            let bits = Int(bytes[start]) | Int(bytes[start + 1]) << 8
            block.codes.append(UInt8(bits >> 12 & 7))
            for part in 0..<4 {
                block.points.append(
                    Int(bytes[offset + 2 + 4 * column + part]) | (bits >> (3 * part) & 7) << 8
                )
                block.isShiftedDown.append(bits >> 15 == 1)
            }
        }
        return block
    }
}

/// `IQ1_M`: columns of 16 with a shift for each half; the super-block's scale is spread over the columns' codes.
enum HalfShiftLayout: TernaryGridLayout {
    static var blockBytes: Int { 56 }
    static var columnLength: Int { 16 }
    static var shiftLength: Int { 8 }
    static var negligible: Float { 1e-7 }
    static var scaleFactor: Float { 1.1125 }
    static var refitsScale: Bool { true }

    @inline(__always)
    static func search(_ tile: Tile, first: Int) -> TernarySplit.Found {
        let (row, weights) = (tile.magnitudes, tile.magnitudes.dropFirst(columnLength))
        for index in 0..<columnLength {
            row[index] = tile.row[first + index]
            weights[index] = tile.searchWeights[first + index]
        }
        TernarySplit.sort(columnLength, row: row, weights: weights, order: tile.order)
        let sums = TernarySplit.HalfSums(
            products: (tile.scratch, tile.scratch.dropFirst(columnLength)),
            weights: (tile.roots, tile.roots.dropFirst(columnLength))
        )
        var product = (EightFloats.zero, EightFloats.zero)
        var weight = (EightFloats.zero, EightFloats.zero)
        for index in 0..<columnLength {
            let isLeft = tile.order[index] .< Float(columnLength / 2)
            let weighted = weights[index] * row[index]
            product.0.replace(with: product.0 + weighted, where: isLeft)
            product.1.replace(with: product.1 + weighted, where: .!isLeft)
            weight.0.replace(with: weight.0 + weights[index], where: isLeft)
            weight.1.replace(with: weight.1 + weights[index], where: .!isLeft)
            sums.products.0[index] = product.0
            sums.products.1[index] = product.1
            sums.weights.0[index] = weight.0
            sums.weights.1[index] = weight.1
        }
        return TernarySplit.search(columnLength, sums)
    }

    static func append(_ block: TernaryGridBlock, to bytes: inout BlockBytes) {
        let points = (0..<32).map { block.point($0) }
        for point in points { bytes.append(UInt8(truncatingIfNeeded: point)) }
        for column in 0..<16 {
            bytes.append(
                (0..<2).reduce(0) { bits, part in
                    let group = 2 * column + part
                    return bits
                        | (UInt8(points[group] >> 8) | (block.isShiftedDown(group) ? 8 : 0))
                        << UInt8(4 * part)
                }
            )
        }
        let scale = SmallFloat.binary16.bits(of: block.scale)
        for quarter in 0..<4 {
            var bits = (scale >> UInt32(4 * quarter) & 0xF) << 12
            for part in 0..<4 { bits |= UInt32(block.code(4 * quarter + part)) << UInt32(3 * part) }
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> TernaryGridBlockReading {
        var block = TernaryGridBlockReading()
        var scale: UInt32 = 0
        for quarter in 0..<4 {
            let start = offset + 48 + 2 * quarter
            let bits = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
            scale |= (bits >> 12) << UInt32(4 * quarter)
            for part in 0..<4 { block.codes.append(UInt8(bits >> UInt32(3 * part) & 7)) }
        }
        block.scale = SmallFloat.binary16.value(ofBits: scale)
        for group in 0..<32 {
            let high = bytes[offset + 32 + group / 2] >> UInt8(group % 2 * 4)
            block.points.append(Int(bytes[offset + group]) | Int(high & 7) << 8)
            block.isShiftedDown.append(high & 8 == 8)
        }
        return block
    }
}
