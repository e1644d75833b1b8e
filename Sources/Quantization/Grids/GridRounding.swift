/// What the search knows of a grid when it is compiled.
protocol GridShape: SendableMetatype {
    /// The number of elements in a group, 4 or 8. Of groups of four, values are the odd numbers themselves.
    static var groupLength: Int { get }
    /// The number of levels of an element.
    static var levelCount: Float { get }
    /// The value that the scale multiplies, of odd numbers that stand for levels; some values are shifted.
    static func value(ofOdd odd: FourFloats, shift: FourFloats) -> FourFloats
}

/// Rounds groups of elements to the points of a grid.
///
/// The eight lanes of vectors hold the same element of eight columns.
enum GridRounding<Shape: GridShape> {
    /// Takes, for the group of elements that begins at an index, the point of each lane's levels where the grid has it, and else that
    /// of the points near it which leaves the least error: `Σ w·(scale·value − x)²`, the first of several.
    ///
    /// - Parameters:
    ///   - view: The grid's tables.
    ///   - result: Receives the points' elements, as odd numbers.
    ///   - levels: The levels of the group's elements.
    ///   - row: The elements, from the first of the group on.
    ///   - weights: The weight of each squared error.
    ///   - scale: What values are multiplied by.
    ///   - shift: What values are shifted by.
    /// - Returns: Ones for the lanes whose levels are no point, zeros for the others.
    @inline(__always)
    static func round(
        _ view: GridView,
        into result: Lanes,
        levels: Lanes,
        row: Lanes,
        weights: Lanes,
        scale: EightFloats,
        shift: EightFloats
    ) -> EightFloats {
        var key = levels[Shape.groupLength - 1]
        for index in (0..<(Shape.groupLength - 1)).reversed() {
            key = key * Shape.levelCount + levels[index]
        }
        let low = four(view, key.low, 0, result, row, weights, scale.low, shift.low)
        let high = four(view, key.high, 4, result, row, weights, scale.high, shift.high)
        return EightFloats(low: low, high: high)
    }

    /// Four lanes from one on.
    @inline(__always)
    private static func four(
        _ view: GridView,
        _ key: FourFloats,
        _ lane: Int,
        _ result: Lanes,
        _ row: Lanes,
        _ weights: Lanes,
        _ scale: FourFloats,
        _ shift: FourFloats
    ) -> FourFloats {
        // A whole number below 2^23 is in the significand after adding that.
        let bits = (key + 8_388_608).bits & 0x7F_FFFF
        let entries = (view.entry(bits[0]), view.entry(bits[1]), view.entry(bits[2]), view.entry(bits[3]))
        @inline(__always)
        func point(_ entry: Int, _ index: Int) -> Int {
            guard entry < 0 else { return entry }
            let column = Column(
                row: row,
                weights: weights,
                lane: lane + index,
                scale: scale[index],
                shift: shift[index]
            )
            guard Shape.groupLength != 4 || !WideVectors.areThere else {
                return view.nearest(
                    ofList: -1 - entry,
                    row: row,
                    weights: weights,
                    lane: lane + index,
                    scale: scale[index]
                )
            }
            return nearest(view, list: -1 - entry, column)
        }
        let points = (point(entries.0, 0), point(entries.1, 1), point(entries.2, 2), point(entries.3, 3))
        let parts = Shape.groupLength / 4
        for part in 0..<parts {
            let elements = FourFloats.transposed(
                view.elements(points.0 * parts + part),
                view.elements(points.1 * parts + part),
                view.elements(points.2 * parts + part),
                view.elements(points.3 * parts + part)
            )
            result.setFour(elements.0, index: 4 * part, lane: lane)
            result.setFour(elements.1, index: 4 * part + 1, lane: lane)
            result.setFour(elements.2, index: 4 * part + 2, lane: lane)
            result.setFour(elements.3, index: 4 * part + 3, lane: lane)
        }
        return FourFloats(
            entries.0 < 0 ? 1 : 0,
            entries.1 < 0 ? 1 : 0,
            entries.2 < 0 ? 1 : 0,
            entries.3 < 0 ? 1 : 0
        )
    }

    /// One lane of the elements of a group.
    struct Column {
        let row: Lanes
        let weights: Lanes
        let lane: Int
        let scale: Float
        let shift: Float
    }

    /// The point of a list that leaves the least error in a lane, or the list's first where no error is a number.
    ///
    /// Four points are compared at a time, and the errors summed in the order of the elements.
    @inline(never)
    static func nearest(_ view: GridView, list: Int, _ column: Column) -> Int {
        var best = FourFloats(repeating: .greatestFiniteMagnitude)
        var bestFour = FourFloats(repeating: .infinity)
        let scale = FourFloats(repeating: column.scale)
        let shift = FourFloats(repeating: column.shift)
        let parts = Shape.groupLength / 4
        for four in 0..<view.fours(ofList: list) {
            let points = (
                view.point(4 * four, ofList: list) * parts, view.point(4 * four + 1, ofList: list) * parts,
                view.point(4 * four + 2, ofList: list) * parts, view.point(4 * four + 3, ofList: list) * parts
            )
            var error = FourFloats.zero
            for part in 0..<parts {
                let elements = FourFloats.transposed(
                    view.elements(points.0 + part),
                    view.elements(points.1 + part),
                    view.elements(points.2 + part),
                    view.elements(points.3 + part)
                )
                @inline(__always)
                func add(_ odd: FourFloats, _ index: Int) {
                    let value = Shape.value(ofOdd: odd, shift: shift)
                    let difference =
                        scale * value
                        - FourFloats(repeating: column.row.scalar(4 * part + index, lane: column.lane))
                    let weight = FourFloats(
                        repeating: column.weights.scalar(4 * part + index, lane: column.lane)
                    )
                    error += weight * difference * difference
                }
                add(elements.0, 0)
                add(elements.1, 1)
                add(elements.2, 2)
                add(elements.3, 3)
            }
            let isBetter = error .< best
            best.replace(with: error, where: isBetter)
            bestFour.replace(with: FourFloats(repeating: Float(four)), where: isBetter)
        }
        let least = min(min(best[0], best[1]), min(best[2], best[3]))
        var position = Float.infinity
        for lane in 0..<4 where best[lane] == least {
            position = min(position, 4 * bestFour[lane] + Float(lane))
        }
        return view.point(position.isFinite ? Int(position) : 0, ofList: list)
    }
}
