extension Tile {
    /// Loads columns of a row, and zeros for those that the row does not have.
    ///
    /// - Parameters:
    ///   - memory: The row and its importance.
    ///   - first: The tile's first element in the row.
    ///   - columnLength: The number of elements in a column, a multiple of four.
    ///   - groups: The number of groups of four columns.
    ///   - hasImportance: Whether the importance is loaded as well.
    @inline(__always)
    func load(_ memory: RowMemory, from first: Int, columnLength: Int, groups: Int, hasImportance: Bool) {
        for group in 0..<groups {
            let start = first + group * 4 * columnLength
            let target = group * columnLength
            if start + 4 * columnLength <= memory.count {
                for index in stride(from: 0, to: columnLength, by: 4) {
                    Self.transpose(into: row, at: target + index) {
                        memory.elements(start + $0 * columnLength + index)
                    }
                    if hasImportance {
                        Self.transpose(into: importance, at: target + index) {
                            memory.weights(start + $0 * columnLength + index)
                        }
                    }
                }
            } else {
                loadPart(memory, from: start, columnLength: columnLength, into: target)
            }
        }
    }

    /// Loads the columns of a group that the row has.
    private func loadPart(_ memory: RowMemory, from start: Int, columnLength: Int, into target: Int) {
        for index in 0..<columnLength {
            var elements = FourFloats.zero
            var weights = FourFloats.zero
            for lane in 0..<4 where start + lane * columnLength + index < memory.count {
                elements[lane] = memory.element(start + lane * columnLength + index)
                weights[lane] = memory.weight(start + lane * columnLength + index)
            }
            row[target + index] = elements
            importance[target + index] = weights
        }
    }

    /// Stores the columns of a square of four by four as its rows.
    @inline(__always)
    private static func transpose(into lanes: Lanes, at index: Int, _ vector: (Int) -> FourFloats) {
        let (first, second, third, fourth) = (vector(0), vector(1), vector(2), vector(3))
        lanes[index] = FourFloats(first[0], second[0], third[0], fourth[0])
        lanes[index + 1] = FourFloats(first[1], second[1], third[1], fourth[1])
        lanes[index + 2] = FourFloats(first[2], second[2], third[2], fourth[2])
        lanes[index + 3] = FourFloats(first[3], second[3], third[3], fourth[3])
    }
}
