/// What sets `IQ1_S` and `IQ1_M` apart.
protocol TernaryGridLayout: SendableMetatype {
    /// The number of bytes of a super-block.
    static var blockBytes: Int { get }
    /// The number of elements that share a scale.
    static var columnLength: Int { get }
    /// The number of elements of a column that share a shift.
    static var shiftLength: Int { get }
    /// Below which largest magnitude a column counts as zero.
    static var negligible: Float { get }
    /// What the super-block's scale is multiplied by before it is rounded to 16 bits.
    static var scaleFactor: Float { get }
    /// Whether the super-block's scale is fitted again to the elements when all columns' scales are rounded.
    static var refitsScale: Bool { get }

    /// Finds the split of eight columns: the elements, their weights, and where to put their order.
    static func search(_ tile: Tile, first: Int) -> TernarySplit.Found
    /// Appends the bytes.
    static func append(_ block: TernaryGridBlock, to bytes: inout BlockBytes)
    /// Reads the bytes.
    static func read(_ bytes: Span<UInt8>, at offset: Int) -> TernaryGridBlockReading
}

/// `IQ1_S` and `IQ1_M`: `x = scale · (level ± 1/8)` with levels −1, 0 and 1, groups of eight of which are points of a grid.
///
/// ``TernarySplit`` finds the levels of each column and its shifts; groups that are no point take the one that leaves the least error, and
/// the scale is fitted again. The scales of the columns are rounded to three bits. These are ggml's `quantize_row_iq1_s_impl` and
/// `quantize_row_iq1_m_impl`, in their order of operations; eight columns are searched at once.
enum TernaryGridBlocks<Layout: TernaryGridLayout>: SuperBlockFormat, GridShape {
    static var blockBytes: Int { Layout.blockBytes }
    static var columnLength: Int { Layout.columnLength }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var groupLength: Int { 8 }
    static var levelCount: Float { 3 }

    /// The odd numbers 1, 3 and 5 stand for −1, 0 and 1.
    @inline(__always)
    static func value(ofOdd odd: FourFloats, shift: FourFloats) -> FourFloats { (odd - 3) * 0.5 + shift }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            weighByImportance(tile, meanSquare: search.meanSquare(times: 2))
        } else {
            weighBySquare(tile)
        }
        Grid.ternary.withView { view in
            for group in 0..<groups { tile.scales[group] = Self.search(tile, group, view) }
        }
        quantizeScales(tile)
    }

    /// Finds the scales and values of eight columns.
    @inline(__always)
    private static func search(_ tile: Tile, _ group: Int, _ view: GridView) -> EightFloats {
        let first = group * columnLength
        let row = tile.row.dropFirst(first)
        let weights = tile.searchWeights.dropFirst(first)
        let values = tile.levels.dropFirst(first)
        let largest = ScaleSearch.largest(of: row, count: columnLength).magnitude
        let found = Layout.search(tile, first: first)
        let isZero = (largest .< Layout.negligible) .| (found.second .< 0)

        // The levels go from their places in the order to those in the column.
        for place in 0..<columnLength {
            let position = Float(place)
            var level = EightFloats.zero
            level.replace(with: 1, where: found.first .<= EightFloats(repeating: position))
            level.replace(with: 2, where: found.second .<= EightFloats(repeating: position))
            // With a negative scale, everything is turned around.
            level = level.replacing(with: EightFloats(repeating: 2) - level, where: found.scale .< 0)
            for lane in 0..<EightFloats.laneCount {
                values.setScalar(level[lane], index: Int(tile.order.scalar(place, lane: lane)), lane: lane)
            }
        }
        let isTurned = found.scale .< 0
        var scale = found.scale.magnitude
        var isOff = EightMask(repeating: false)
        for part in stride(from: 0, to: columnLength, by: 8) {
            let shift = Layout.shift(found.shifts, part: part, isTurned: isTurned)
            let off = GridRounding<Self>.round(
                view,
                into: values.dropFirst(part),
                levels: values.dropFirst(part),
                row: row.dropFirst(part),
                weights: weights.dropFirst(part),
                scale: scale,
                shift: shift
            )
            isOff = isOff .| (off .> 0)
            for index in part..<(part + 8) { values[index] = (values[index] - 3) * 0.5 + shift }
        }
        var product = EightFloats.zero
        var square = EightFloats.zero
        for index in 0..<columnLength {
            let weighted = weights[index] * values[index]
            product += weighted * row[index]
            square += weighted * values[index]
        }
        scale.replace(with: product / square, where: isOff .& (product .> 0) .& (square .> 0))
        // The first point has the lowest levels.
        for index in 0..<columnLength { values[index].replace(with: -1 + TernarySplit.shift, where: isZero) }
        return scale.replacing(with: 0, where: isZero)
    }

    /// Gives the largest scale the largest code.
    @inline(__always)
    private static func quantizeScales(_ tile: Tile) {
        let largest = Self.largest(tile.scales)
        guard largest > 0 else {
            tile.blockScale[0] = .zero
            for group in 0..<groups { tile.scaleCodes[group] = .zero }
            // The shifts are not stored then, and stand for those upwards.
            for index in 0..<32 {
                tile.levels[index] = tile.levels[index].nearestInteger + TernarySplit.shift
            }
            return
        }
        var scale = largest / 15
        let inverse = 1 / scale
        for group in 0..<groups {
            tile.scaleCodes[group] = (0.5 * (inverse * tile.scales[group] - 1)).nearestInteger.clamped(0, 7)
        }
        if Layout.refitsScale { scale = refitted(tile) ?? scale }
        tile.blockScale[0] = EightFloats(repeating: scale * Layout.scaleFactor).roundedToHalf
    }

    /// The least-squares scale of the super-block with the columns' codes, summed in the order of the elements.
    private static func refitted(_ tile: Tile) -> Float? {
        var product: Float = 0
        var square: Float = 0
        for column in 0..<blockColumns {
            let (group, lane) = (column / 8, column % 8)
            let multiple = 2 * tile.scaleCodes.scalar(group, lane: lane) + 1
            for index in (group * columnLength)..<((group + 1) * columnLength) {
                let value = tile.levels.scalar(index, lane: lane) * multiple
                let weighted = tile.searchWeights.scalar(index, lane: lane) * value
                product += weighted * tile.row.scalar(index, lane: lane)
                square += weighted * value
            }
        }
        return square > 0 ? product / square : nil
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        for group in 0..<groups { tile.scales[group] = tile.blockScale[0] * (2 * tile.scaleCodes[group] + 1) }
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        Grid.ternary.withView { view in
            Layout.append(TernaryGridBlock(tile: tile, view: view, columnLength: columnLength), to: &bytes)
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        let reading = Layout.read(bytes, at: offset)
        SuperBlockBytes.setScales(reading.scale, of: tile)
        for column in 0..<blockColumns {
            tile.scaleCodes[column / 8][column % 8] = Float(reading.codes[column])
        }
        Grid.ternary.withView { view in
            for element in 0..<256 {
                let group = element / 8
                let odd = view.elements(reading.points[group] * 2 + element % 8 / 4)[element % 4]
                let shift = reading.isShiftedDown[group] ? -TernarySplit.shift : TernarySplit.shift
                tile.setValue(
                    (odd - 3) / 2 + shift,
                    column: element / columnLength,
                    index: element % columnLength,
                    columnLength: columnLength
                )
            }
        }
    }
}

extension TernaryGridLayout {
    /// The shift of a group of eight elements of each column.
    @inline(__always)
    static func shift(_ shifts: EightFloats, part: Int, isTurned: EightMask) -> EightFloats {
        let isDown: EightMask
        if shiftLength == columnLength {
            isDown = shifts .== 1
        } else if part == 0 {
            isDown = shifts .> 1
        } else {
            isDown = (shifts .== 1) .| (shifts .== 3)
        }
        return EightFloats(repeating: TernarySplit.shift)
            .replacing(with: -TernarySplit.shift, where: isDown .^ isTurned)
    }
}
