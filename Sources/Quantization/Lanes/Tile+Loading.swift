extension Tile {
    /// Loads columns of a row, and zeros for those that the row does not have.
    ///
    /// - Parameters:
    ///   - memory: The row and its importance.
    ///   - first: The tile's first element in the row.
    ///   - columnLength: The number of elements in a column, a multiple of four.
    ///   - groups: The number of groups of eight columns.
    ///   - hasImportance: Whether the importance is loaded as well.
    @inline(__always)
    func load(_ memory: RowMemory, from first: Int, columnLength: Int, groups: Int, hasImportance: Bool) {
        for group in 0..<groups {
            let start = first + group * EightFloats.laneCount * columnLength
            let target = group * columnLength
            if start + EightFloats.laneCount * columnLength <= memory.count {
                for index in stride(from: 0, to: columnLength, by: 4) {
                    Self.transpose(into: row, at: target + index) {
                        memory.elements(start + $0 * columnLength + index)
                    }
                    if hasImportance {
                        Self.transpose(into: importance, at: target + index) {
                            memory.importances(start + $0 * columnLength + index)
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
            var elements = EightFloats.zero
            var importances = EightFloats.zero
            for lane in 0..<EightFloats.laneCount where start + lane * columnLength + index < memory.count {
                elements[lane] = memory.element(start + lane * columnLength + index)
                importances[lane] = memory.importance(start + lane * columnLength + index)
            }
            row[target + index] = elements
            importance[target + index] = importances
        }
    }

    /// Loads the weights of the columns' squared errors to where a search has left its room, zeros for columns that the row
    /// does not have.
    @inline(__always)
    func loadErrorWeights(_ memory: RowMemory, from first: Int, columnLength: Int, groups: Int) {
        for group in 0..<groups {
            let start = first + group * EightFloats.laneCount * columnLength
            let target = group * columnLength
            if start + EightFloats.laneCount * columnLength <= memory.count {
                for index in stride(from: 0, to: columnLength, by: 4) {
                    Self.transpose(into: scratch, at: target + index) {
                        memory.weights(start + $0 * columnLength + index)
                    }
                }
            } else {
                for index in 0..<columnLength {
                    var weights = EightFloats.zero
                    for lane in 0..<EightFloats.laneCount
                    where start + lane * columnLength + index < memory.count {
                        weights[lane] = memory.weight(start + lane * columnLength + index)
                    }
                    scratch[target + index] = weights
                }
            }
        }
    }

    /// Stores four elements each of eight columns.
    @inline(__always)
    private static func transpose(into lanes: Lanes, at index: Int, _ vector: (Int) -> FourFloats) {
        let low = FourFloats.transposed(vector(0), vector(1), vector(2), vector(3))
        let high = FourFloats.transposed(vector(4), vector(5), vector(6), vector(7))
        lanes[index] = EightFloats(low: low.0, high: high.0)
        lanes[index + 1] = EightFloats(low: low.1, high: high.1)
        lanes[index + 2] = EightFloats(low: low.2, high: high.2)
        lanes[index + 3] = EightFloats(low: low.3, high: high.3)
    }
}
