/// Sorting of hull steps by falling slope, steps of equal slope by their vertex.
enum SlopeOrder {
    struct Step {
        /// Cost saved per byte: positive and finite.
        var slope: Double
        var vertex: Int32
    }

    /// Up to this many steps a comparison sort is as fast as four passes over 65,536 buckets.
    private static let radixThreshold = 20_000

    static func sort(_ steps: inout [Step]) {
        guard steps.count > radixThreshold else {
            steps.sort { $0.slope != $1.slope ? $0.slope > $1.slope : $0.vertex < $1.vertex }
            return
        }
        // The bits of positive doubles order as the doubles do. Least significant digit first keeps equal slopes in the
        // order they came in, which is that of their vertices.
        var buffer = steps
        for shift in stride(from: UInt64(0), to: 64, by: 16) {
            var position = [Int](repeating: 0, count: 65_537)
            for step in steps {
                position[digit(step, shift) + 1] += 1
            }
            for bucket in 1...65_536 {
                position[bucket] += position[bucket - 1]
            }
            buffer.withUnsafeMutableBufferPointer { buffer in
                position.withUnsafeMutableBufferPointer { position in
                    for step in steps {
                        let bucket = digit(step, shift)
                        buffer[position[bucket]] = step
                        position[bucket] += 1
                    }
                }
            }
            swap(&steps, &buffer)
        }
    }

    private static func digit(_ step: Step, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: (~step.slope.bitPattern >> shift) & 0xFFFF)
    }
}
