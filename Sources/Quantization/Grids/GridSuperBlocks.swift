/// What sets the formats with 2 and 3 bits of a grid apart.
protocol GridLayout: GridShape {
    /// The grid.
    static var grid: Grid { get }
    /// The number of bytes of a super-block.
    static var blockBytes: Int { get }
    /// The number of elements that share a scale.
    static var columnLength: Int { get }
    /// The mean square in the weights of a search with importance, in mean squares of the super-block.
    static var meanSquareFactor: Float { get }
    /// The share of the mean square in the weights of a search without importance.
    static var plainMeanSquareFactor: Float { get }
    /// Whether eight signs take seven bits, as those below zero are even in number.
    static var hasEvenSigns: Bool { get }
    /// Below which largest element a column counts as zero; nothing but zeros do if this is zero.
    static var negligible: Float { get }
    /// Whether a first search, without the grid, finds the range of the column.
    static var searchesRange: Bool { get }
    /// The number of trials on either side of the scale at which the largest element takes the largest level.
    static var trials: Int { get }
    /// How much each trial adds to the odd number of the largest level.
    static var trialStep: Float { get }
    /// Which groups are rounded again with the best scale.
    static var roundsAgain: GridRoundingAgain { get }
    /// What the super-block's scale is multiplied by before it is rounded to 16 bits.
    static var scaleFactor: Float { get }
    /// Whether columns of zeros take others' place; such a format has eight columns.
    static var losesZeros: Bool { get }

    /// What a decoder takes for a level, of its odd number.
    static func decoded(_ odd: EightFloats) -> EightFloats
    /// The level that a decoder's value stands for.
    static func level(ofDecoded magnitude: Float) -> Int
    /// What a decoder multiplies by in a column.
    static func scale(_ blockScale: EightFloats, code: EightFloats) -> EightFloats
    /// Appends the bytes.
    static func append(_ block: GridBlock, to bytes: inout BlockBytes)
    /// Reads the bytes.
    static func read(_ bytes: Span<UInt8>, at offset: Int) -> GridBlockReading
}

/// Which groups of a column are rounded again with the best scale.
enum GridRoundingAgain {
    /// Those whose levels were no point when the best scale was found.
    case offGrid
    /// All of a column in which there is such a group, or for which no trial was good.
    case whereAnyIsOffGrid
    /// All.
    case all
}

/// The formats whose magnitudes are points of a grid and whose signs stand apart: `x = ±scale · value`.
///
/// For each column, scales around the one at which the largest element takes the largest level are tried. In each trial the levels are
/// rounded to the nearest ones, groups of them to the grid, and the trial with the largest `(Σ w·x·l)² / Σ w·l²` leaves the
/// least error. The groups are then rounded again with the least-squares scale, and the scales of the columns to four bits. These are ggml's
/// `quantize_row_iq2_xxs_impl`, `quantize_row_iq2_xs_impl`, `quantize_row_iq2_s_impl`, `quantize_row_iq3_xxs_impl` and
/// `quantize_row_iq3_s_impl`, in their order of operations; eight columns are searched at once.
enum GridSuperBlocks<Layout: GridLayout>: SuperBlockFormat {
    static var blockBytes: Int { Layout.blockBytes }
    static var columnLength: Int { Layout.columnLength }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var alwaysNeedsMeanSquare: Bool { Layout.plainMeanSquareFactor > 0 }

    /// The odd number of the largest level.
    @inline(__always)
    private static var top: Float { 2 * Layout.levelCount - 1 }

    @inline(__always)
    private static var columnGroups: Int { columnLength / Layout.groupLength }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            weighByImportance(tile, meanSquare: search.meanSquare(times: Layout.meanSquareFactor))
        } else {
            weighBySquare(tile)
            if alwaysNeedsMeanSquare {
                let share = 0.25 * search.meanSquare(times: Layout.plainMeanSquareFactor)
                for index in 0..<32 { tile.searchWeights[index] = share + tile.searchWeights[index] }
            }
        }
        for index in 0..<32 { tile.roots[index] = tile.searchWeights[index].squareRoot }
        foldSigns(tile)
        Layout.grid.withView { view in
            for group in 0..<groups { tile.scales[group] = Self.search(tile, group, view) }
        }
        quantizeScales(tile)
    }

    /// Takes the signs off the elements.
    ///
    /// Where eight of them have an odd number below zero and must not, the one that weighs least
    /// keeps one for another.
    @inline(__always)
    private static func foldSigns(_ tile: Tile) {
        for index in 0..<32 { tile.magnitudes[index] = tile.row[index].magnitude }
        guard Layout.hasEvenSigns else { return }
        for first in stride(from: 0, to: 32, by: 8) {
            var isOdd = EightMask(repeating: false)
            var least = EightFloats.zero
            var position = EightFloats.zero
            for index in 0..<8 {
                let element = tile.row[first + index]
                isOdd = isOdd .^ (element .< 0)
                let square = tile.searchWeights[first + index] * element * element
                let isLess = index == 0 ? EightMask(repeating: true) : square .< least
                least.replace(with: square, where: isLess)
                position.replace(with: Float(index), where: isLess)
            }
            for index in 0..<8 {
                let isFlipped = isOdd .& (position .== Float(index))
                tile.magnitudes[first + index] = tile.magnitudes[first + index].flippingSigns(
                    where: isFlipped
                )
            }
        }
    }

    /// Finds the scales and values of eight columns.
    @inline(__always)
    private static func search(_ tile: Tile, _ group: Int, _ view: GridView) -> EightFloats {
        let first = group * columnLength
        let row = tile.magnitudes.dropFirst(first)
        let weights = tile.searchWeights.dropFirst(first)
        let odds = tile.levels.dropFirst(first)
        let trialOdds = tile.scratch
        var largest = row[0]
        for index in 1..<columnLength { largest = row[index].orLarger(largest) }
        var isZero = Layout.negligible > 0 ? largest .< Layout.negligible : largest .== 0
        var scale = largest / top
        if Layout.searchesRange {
            scale = ScaleSearch.positive(
                row,
                weights: weights,
                levels: trialOdds,
                count: columnLength,
                limit: Layout.levelCount + 1,
                mayBeNegative: true
            )
            largest = scale * Layout.levelCount
            isZero = isZero .| (largest .<= .zero)
        }
        for index in 0..<columnLength { odds[index] = EightFloats(repeating: 1) }
        var best = EightFloats.zero
        // A set of bits: which groups' levels are no point.
        var offGrid = EightFloats(repeating: Layout.roundsAgain == .whereAnyIsOffGrid ? 255 : 0)
        for trial in -Layout.trials...Layout.trials {
            let inverse = EightFloats(repeating: top + Float(trial) * Layout.trialStep) / largest
            let trialOffGrid = round(tile, group, view, inverse: inverse, scale: 1 / inverse)
            let (product, square) = sums(row, weights, trialOdds)
            let isBetter = (square .> 0) .& (product * product .> best * square)
            guard isBetter.isAnySet else { continue }
            let newScale = product / square
            scale.replace(with: newScale, where: isBetter)
            best.replace(with: newScale * product, where: isBetter)
            offGrid.replace(with: trialOffGrid, where: isBetter)
            for index in 0..<columnLength { odds[index].replace(with: trialOdds[index], where: isBetter) }
        }
        var isActive = scale .> 0
        if Layout.roundsAgain != .all { isActive = isActive .& (offGrid .> 0) }
        if isActive.isAnySet {
            _ = round(tile, group, view, inverse: 1 / scale, scale: scale)
            var rest = offGrid
            for part in 0..<columnGroups {
                var isRounded = isActive
                if Layout.roundsAgain == .offGrid {
                    // The lowest bit of what is left.
                    let half = (rest * 0.5).floor
                    isRounded = isRounded .& (rest .!= half + half)
                    rest = half
                }
                for index in (part * Layout.groupLength)..<((part + 1) * Layout.groupLength) {
                    odds[index].replace(with: trialOdds[index], where: isRounded)
                }
            }
            let (product, square) = sums(row, weights, odds)
            scale.replace(with: product / square, where: isActive .& (square .> 0))
        }
        let isNegative = scale .< 0
        for index in 0..<columnLength {
            let isBelow = (tile.row[first + index] .< 0) .^ row[index].isSigned .^ isNegative
            let value = Layout.decoded(odds[index].replacing(with: 1, where: isZero))
            odds[index] = value.flippingSigns(where: isBelow .& .!isZero)
        }
        if Layout.losesZeros, isZero.isAnySet { loseZeros(tile, view, isZero) }
        return scale.magnitude.replacing(with: 0, where: isZero)
    }

    /// Rounds the columns' elements to levels and these to the grid, into the scratch.
    ///
    /// - Returns: The set of the groups whose levels are no point.
    @inline(__always)
    private static func round(
        _ tile: Tile,
        _ group: Int,
        _ view: GridView,
        inverse: EightFloats,
        scale: EightFloats
    ) -> EightFloats {
        let first = group * columnLength
        // What cannot be multiplied by has no levels but the lowest.
        let inverse = inverse.replacing(with: 0, where: inverse .== .infinity)
        var offGrid = EightFloats.zero
        var bit: Float = 1
        for part in stride(from: 0, to: columnLength, by: Layout.groupLength) {
            let levels = tile.scratch.dropFirst(part)
            let row = tile.magnitudes.dropFirst(first + part)
            for index in 0..<Layout.groupLength {
                levels[index] = (0.5 * (inverse * row[index] - 1)).nearestInteger
                    .clamped(0, Layout.levelCount - 1)
            }
            let off = GridRounding<Layout>.round(
                view,
                into: levels,
                levels: levels,
                row: row,
                weights: tile.roots.dropFirst(first + part),
                scale: scale,
                shift: .zero
            )
            offGrid += off * bit
            bit *= 2
        }
        return offGrid
    }

    /// `Σ w·x·l` and `Σ w·l²` of odd numbers.
    @inline(__always)
    private static func sums(_ row: Lanes, _ weights: Lanes, _ odds: Lanes) -> (
        product: EightFloats, square: EightFloats
    ) {
        var product = EightFloats.zero
        var square = EightFloats.zero
        for index in 0..<columnLength {
            let weight = weights[index]
            let odd = odds[index]
            product += weight * row[index] * odd
            square += weight * odd * odd
        }
        return (product, square)
    }

    /// Gives the largest scale the largest code.
    @inline(__always)
    private static func quantizeScales(_ tile: Tile) {
        let largest = Self.largest(tile.scales)
        guard largest > 0 else {
            tile.blockScale[0] = .zero
            for group in 0..<groups { tile.scaleCodes[group] = .zero }
            return
        }
        let scale = largest / 31
        tile.blockScale[0] = EightFloats(repeating: scale * Layout.scaleFactor).roundedToHalf
        // The smallest scales cannot be divided by.
        let inverse = 1 / scale < .infinity ? 1 / scale : 0
        for group in 0..<groups {
            tile.scaleCodes[group] = (0.5 * (inverse * tile.scales[group] - 1)).nearestInteger.clamped(0, 15)
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        for group in 0..<groups {
            tile.scales[group] = Layout.scale(tile.blockScale[0], code: tile.scaleCodes[group])
        }
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        Layout.grid.withView { view in
            Layout.append(self.block(tile, view), to: &bytes)
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        SuperBlockBytes.setScales(bytes.half(at: offset), of: tile)
        let reading = Layout.read(bytes, at: offset)
        for column in 0..<blockColumns {
            tile.scaleCodes[column / 8][column % 8] = Float(reading.codes[column])
        }
        Layout.grid.withView { setValues(of: reading, in: tile, $0) }
    }

    /// Sets the values that points and signs stand for.
    private static func setValues(of reading: GridBlockReading, in tile: Tile, _ view: GridView) {
        let parts = Layout.groupLength / 4
        for element in 0..<256 {
            let point = reading.points[element / Layout.groupLength]
            let odd = view.elements(point * parts + element % Layout.groupLength / 4)[element % 4]
            let value = Layout.decoded(EightFloats(repeating: odd))[0]
            let isBelow = reading.signs[element / 8] >> UInt8(element % 8) & 1 == 1
            tile.setValue(
                isBelow ? -value : value,
                column: element / columnLength,
                index: element % columnLength,
                columnLength: columnLength
            )
        }
    }

    /// Moves the low bits of points and the signs of columns to those before them that are zero, as ggml's encoder of `IQ3_S`
    /// does: it leaves such columns out where it writes these, but not where it writes the high bits and the scales.
    private static func loseZeros(_ tile: Tile, _ view: GridView, _ isZero: EightMask) {
        let block = block(tile, view)
        let kept = (0..<blockColumns).filter { !isZero[$0] }
        var moved = GridBlockReading()
        for column in 0..<blockColumns {
            for part in 0..<columnGroups {
                let low = column < kept.count ? block.point(kept[column] * columnGroups + part) & 0xFF : 0
                moved.points.append(low | block.point(column * columnGroups + part) & ~0xFF)
            }
            for part in 0..<(columnLength / 8) {
                moved.signs.append(
                    column < kept.count ? block.signs(kept[column] * (columnLength / 8) + part) : 0
                )
            }
        }
        setValues(of: moved, in: tile, view)
    }

    /// What a block that is written reads from the tile.
    private static func block(_ tile: Tile, _ view: GridView) -> GridBlock {
        GridBlock(
            tile: tile,
            view: view,
            columnLength: columnLength,
            groupLength: Layout.groupLength,
            levelCount: Int(Layout.levelCount),
            level: Layout.level
        )
    }
}
