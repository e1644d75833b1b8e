/// Casts rows to a format of MLX, group by group.
///
/// Elements are rounded to the type that the weights are stored in first, which changes those that come from a wider one.
struct GroupRow<Format: GroupFormat, Source: ElementFormat>: Sendable {
    let format: Format

    /// The row's squared errors.
    @Sendable
    func squaredErrors(_ memory: RowMemory) -> SquaredErrors {
        Tile.withTile { tile in
            var sums = ErrorSums()
            for first in stride(from: 0, to: memory.count, by: format.groupElements) {
                load(memory, from: first, into: tile)
                let scale = format.quantize(tile, as: Source.self)
                for vector in 0..<format.vectorCount {
                    let place = first + vector * EightFloats.laneCount
                    let row = EightFloats(low: memory.elements(place), high: memory.elements(place + 4))
                    if memory.hasWeights {
                        let weights = EightFloats(
                            low: memory.weights(place),
                            high: memory.weights(place + 4)
                        )
                        sums.add(row, cast(tile.levels[vector], scale), weights: weights)
                    } else {
                        sums.add(row, cast(tile.levels[vector], scale), weights: nil)
                    }
                }
            }
            return sums.errors(hasWeights: memory.hasWeights)
        }
    }

    /// The row's bytes.
    @Sendable
    func encode(_ memory: RowMemory) -> [UInt8] {
        Tile.withTile { tile in
            var codes: [UInt8] = []
            var scales: [UInt8] = []
            var biases: [UInt8] = []
            codes.reserveCapacity(memory.count / 8 * format.codeBits + memory.count / 4)
            for first in stride(from: 0, to: memory.count, by: format.groupElements) {
                load(memory, from: first, into: tile)
                let scale = format.quantize(tile, as: Source.self)
                for vector in 0..<format.vectorCount { append(tile.levels[vector], to: &codes) }
                append(scale.bits, to: &scales)
                if format.hasBias { append(Source.bits(of: scale.bias), to: &biases) }
            }
            return codes + scales + biases
        }
    }

    /// The values of a row's bytes.
    @Sendable
    func decode(_ bytes: Span<UInt8>, count: Int) -> [Float] {
        let groupCount = count / format.groupElements
        let scales = count / 8 * format.codeBits
        let biases = scales + groupCount * format.scaleBytes
        var values: [Float] = []
        values.reserveCapacity(count)
        var offset = 0
        for group in 0..<groupCount {
            let bits = number(bytes, at: scales + group * format.scaleBytes, byteCount: format.scaleBytes)
            let scale = format.scale(ofBits: bits, as: Source.self)
            var bias: Float = 0
            if format.hasBias {
                let bits = number(bytes, at: biases + group * format.scaleBytes, byteCount: format.scaleBytes)
                bias = Source.values(ofBits: SIMD4(repeating: bits))[0]
            }
            for _ in 0..<format.vectorCount {
                var packed: UInt64 = 0
                for byte in 0..<format.codeBits { packed |= UInt64(bytes[offset + byte]) << UInt64(8 * byte) }
                offset += format.codeBits
                for _ in 0..<EightFloats.laneCount {
                    let code = UInt8(truncatingIfNeeded: packed & ((1 << UInt64(format.codeBits)) - 1))
                    packed >>= UInt64(format.codeBits)
                    let scaled = scale * format.value(ofCode: code)
                    values.append(format.hasBias ? scaled + bias : scaled)
                }
            }
        }
        return values
    }

    @inline(__always)
    private func load(_ memory: RowMemory, from first: Int, into tile: Tile) {
        for vector in 0..<format.vectorCount {
            let place = first + vector * EightFloats.laneCount
            tile.row[vector] = EightFloats(
                low: Source.rounded(memory.elements(place)),
                high: Source.rounded(memory.elements(place + 4))
            )
        }
    }

    /// The values that a decoder computes.
    @inline(__always)
    private func cast(_ values: EightFloats, _ scale: GroupScale) -> EightFloats {
        let scaled = scale.value * values
        return format.hasBias ? scaled + scale.bias : scaled
    }

    /// Appends eight codes, which take as many bytes as a code has bits.
    @inline(__always)
    private func append(_ values: EightFloats, to codes: inout [UInt8]) {
        var packed: UInt64 = 0
        for lane in 0..<EightFloats.laneCount {
            packed |= UInt64(format.code(of: values[lane])) << UInt64(lane * format.codeBits)
        }
        for byte in 0..<format.codeBits {
            codes.append(UInt8(truncatingIfNeeded: packed >> UInt64(8 * byte)))
        }
    }

    @inline(__always)
    private func append(_ bits: UInt32, to bytes: inout [UInt8]) {
        for byte in 0..<format.scaleBytes {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte)))
        }
    }

    @inline(__always)
    private func number(_ bytes: Span<UInt8>, at offset: Int, byteCount: Int) -> UInt32 {
        (0..<byteCount).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
}
