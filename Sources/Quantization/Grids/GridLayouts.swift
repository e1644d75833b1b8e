/// `IQ2_XXS`: columns of 32, points of eight elements and seven bits for eight signs.
enum SparsePairLayout: TwoBitGridLayout {
    static var grid: Grid { .sparsePairs }
    static var blockBytes: Int { 66 }
    static var columnLength: Int { 32 }
    static var meanSquareFactor: Float { 1 }
    static var plainMeanSquareFactor: Float { 0 }
    static var hasEvenSigns: Bool { true }
    static var negligible: Float { ScaleSearch.negligible }
    static var searchesRange: Bool { true }
    static var trials: Int { 6 }
    static var roundsAgain: GridRoundingAgain { .all }
    static var scaleFactor: Float { 1 }

    static func append(_ block: GridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        for column in 0..<8 {
            for part in 0..<4 { bytes.append(UInt8(block.point(4 * column + part))) }
            bytes.append(evenSignsAndCode: block, column: column)
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading {
        var block = GridBlockReading()
        for column in 0..<8 {
            let start = offset + 2 + 8 * column
            for part in 0..<4 { block.points.append(Int(bytes[start + part])) }
            block.readEvenSignsAndCode(bytes, at: start + 4)
        }
        return block
    }
}

/// `IQ2_XS`: columns of 16, points of eight elements and seven bits for eight signs.
enum PairLayout: TwoBitGridLayout {
    static var grid: Grid { .pairs }
    static var blockBytes: Int { 74 }
    static var columnLength: Int { 16 }
    static var meanSquareFactor: Float { 1 }
    static var plainMeanSquareFactor: Float { 0 }
    static var hasEvenSigns: Bool { true }
    static var negligible: Float { ScaleSearch.negligible }
    static var searchesRange: Bool { false }
    static var trials: Int { 9 }
    static var roundsAgain: GridRoundingAgain { .offGrid }
    static var scaleFactor: Float { 1 }

    static func append(_ block: GridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        for group in 0..<32 {
            let point = block.point(group)
            bytes.append(UInt8(truncatingIfNeeded: point))
            bytes.append(UInt8(point >> 8) | block.signs(group) << 1)
        }
        block.appendCodes(16, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading {
        var block = GridBlockReading()
        for group in 0..<32 {
            let high = bytes[offset + 3 + 2 * group]
            block.points.append(Int(bytes[offset + 2 + 2 * group]) | Int(high & 1) << 8)
            block.signs.append(GridBlockReading.evenSigns(UInt32(high >> 1)))
        }
        block.readCodes(bytes, at: offset + 66, count: 16)
        return block
    }
}

/// `IQ2_S`: columns of 16, points of eight elements, and a bit for each sign.
enum DensePairLayout: TwoBitGridLayout {
    static var grid: Grid { .densePairs }
    static var blockBytes: Int { 82 }
    static var columnLength: Int { 16 }
    static var meanSquareFactor: Float { 2 }
    static var plainMeanSquareFactor: Float { 2 }
    static var hasEvenSigns: Bool { false }
    static var negligible: Float { 1e-8 }
    static var searchesRange: Bool { false }
    static var trials: Int { 9 }
    static var roundsAgain: GridRoundingAgain { .offGrid }
    static var scaleFactor: Float { 0.9875 }

    static func append(_ block: GridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        let points = (0..<32).map { block.point($0) }
        for point in points { bytes.append(UInt8(truncatingIfNeeded: point)) }
        for group in 0..<32 { bytes.append(block.signs(group)) }
        for first in stride(from: 0, to: 32, by: 4) {
            bytes.append((0..<4).reduce(0) { $0 | UInt8(points[first + $1] >> 8) << UInt8(2 * $1) })
        }
        block.appendCodes(16, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading {
        var block = GridBlockReading()
        for group in 0..<32 {
            let high = bytes[offset + 66 + group / 4] >> UInt8(group % 4 * 2) & 3
            block.points.append(Int(bytes[offset + 2 + group]) | Int(high) << 8)
            block.signs.append(bytes[offset + 34 + group])
        }
        block.readCodes(bytes, at: offset + 74, count: 16)
        return block
    }
}

/// `IQ3_XXS`: columns of 32, points of four elements and seven bits for eight signs.
enum SparseEightLayout: ThreeBitGridLayout {
    static var grid: Grid { .sparseEights }
    static var blockBytes: Int { 98 }
    static var hasEvenSigns: Bool { true }
    static var negligible: Float { 1e-8 }
    static var trials: Int { 15 }
    static var roundsAgain: GridRoundingAgain { .offGrid }
    static var scaleFactor: Float { 1.0125 }
    static var losesZeros: Bool { false }

    /// The largest value is not as far from the one before as the others are.
    @inline(__always)
    static func decoded(_ odd: EightFloats) -> EightFloats {
        (4 * odd).replacing(with: 62, where: odd .== 15)
    }

    static func level(ofDecoded magnitude: Float) -> Int { Int(magnitude) / 8 }

    @inline(__always)
    static func scale(_ blockScale: EightFloats, code: EightFloats) -> EightFloats {
        blockScale * (0.5 + code) * 0.5
    }

    static func append(_ block: GridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        for group in 0..<64 { bytes.append(UInt8(block.point(group))) }
        for column in 0..<8 { bytes.append(evenSignsAndCode: block, column: column) }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading {
        var block = GridBlockReading()
        for group in 0..<64 { block.points.append(Int(bytes[offset + 2 + group])) }
        for column in 0..<8 { block.readEvenSignsAndCode(bytes, at: offset + 66 + 4 * column) }
        return block
    }
}

/// `IQ3_S`: columns of 32, points of four elements, and a bit for each sign.
enum EightLayout: ThreeBitGridLayout {
    static var grid: Grid { .eights }
    static var blockBytes: Int { 110 }
    static var hasEvenSigns: Bool { false }
    static var negligible: Float { 0 }
    static var trials: Int { 9 }
    static var roundsAgain: GridRoundingAgain { .whereAnyIsOffGrid }
    static var scaleFactor: Float { 1.033 }
    static var losesZeros: Bool { true }

    @inline(__always)
    static func decoded(_ odd: EightFloats) -> EightFloats { odd }

    static func level(ofDecoded magnitude: Float) -> Int { Int(magnitude) / 2 }

    @inline(__always)
    static func scale(_ blockScale: EightFloats, code: EightFloats) -> EightFloats {
        blockScale * (1 + 2 * code)
    }

    static func append(_ block: GridBlock, to bytes: inout BlockBytes) {
        bytes.append(half: block.scale)
        let points = (0..<64).map { block.point($0) }
        for point in points { bytes.append(UInt8(truncatingIfNeeded: point)) }
        for first in stride(from: 0, to: 64, by: 8) {
            bytes.append((0..<8).reduce(0) { $0 | UInt8(points[first + $1] >> 8) << UInt8($1) })
        }
        for eight in 0..<32 { bytes.append(block.signs(eight)) }
        block.appendCodes(8, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading {
        var block = GridBlockReading()
        for group in 0..<64 {
            let high = bytes[offset + 66 + group / 8] >> UInt8(group % 8) & 1
            block.points.append(Int(bytes[offset + 2 + group]) | Int(high) << 8)
        }
        for eight in 0..<32 { block.signs.append(bytes[offset + 74 + eight]) }
        block.readCodes(bytes, at: offset + 106, count: 8)
        return block
    }
}

/// The formats with three levels of magnitude: 8, 25 and 43 eighths of a quarter of the scale.
protocol TwoBitGridLayout: GridLayout {}

extension TwoBitGridLayout {
    static var groupLength: Int { 8 }
    static var levelCount: Float { 3 }
    static var trialStep: Float { 0.1 }
    static var losesZeros: Bool { false }

    @inline(__always)
    static func value(ofOdd odd: FourFloats, shift: FourFloats) -> FourFloats { odd }

    @inline(__always)
    static func decoded(_ odd: EightFloats) -> EightFloats {
        EightFloats(repeating: 8).replacing(with: 25, where: odd .== 3).replacing(with: 43, where: odd .== 5)
    }

    static func level(ofDecoded magnitude: Float) -> Int { Int(magnitude) / 17 }

    @inline(__always)
    static func scale(_ blockScale: EightFloats, code: EightFloats) -> EightFloats {
        blockScale * (0.5 + code) * 0.25
    }
}

/// The formats with eight levels of magnitude.
protocol ThreeBitGridLayout: GridLayout {}

extension ThreeBitGridLayout {
    static var groupLength: Int { 4 }
    static var levelCount: Float { 8 }
    static var columnLength: Int { 32 }
    static var meanSquareFactor: Float { 2 }
    static var plainMeanSquareFactor: Float { 0 }
    static var searchesRange: Bool { false }
    static var trialStep: Float { 0.2 }

    @inline(__always)
    static func value(ofOdd odd: FourFloats, shift: FourFloats) -> FourFloats { odd }
}

extension BlockBytes {
    /// Appends the signs of a column of 32, seven bits for every eight, and the four bits of its code after them.
    fileprivate mutating func append(evenSignsAndCode block: GridBlock, column: Int) {
        var bits = UInt32(block.code(column)) << 28
        for part in 0..<4 { bits |= UInt32(block.signs(4 * column + part) & 127) << UInt32(7 * part) }
        for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
            append(UInt8(truncatingIfNeeded: bits >> shift))
        }
    }
}

extension GridBlockReading {
    /// Reads the signs of a column of 32, seven bits for every eight, and the four bits of its code after them.
    fileprivate mutating func readEvenSignsAndCode(_ bytes: Span<UInt8>, at offset: Int) {
        let bits = (0..<4).reduce(0 as UInt32) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
        for part in 0..<4 { signs.append(Self.evenSigns(bits >> UInt32(7 * part))) }
        codes.append(UInt8(bits >> 28))
    }
}
