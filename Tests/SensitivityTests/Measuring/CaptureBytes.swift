import Foundation

/// A capture made in code, tensor by tensor.
struct CaptureBytes {
    var metadata = [
        "plan_capture": "1", "model": "tiny", "layers": "2", "join": "1", "perturbation": "0.01",
    ]
    var samples = [0, 1]
    var tensors: [(name: String, shape: [Int], values: [Double])] = []

    /// A whole capture of two layers, the second with the streams joined.
    static func whole(samples: [Int] = [0, 1], scale: Double = 1, formats: [String] = ["Q4_1", "Q8_0"])
        -> CaptureBytes
    {
        var capture = CaptureBytes()
        capture.samples = samples
        let count = samples.count
        let states = [("0.img", 4.0), ("0.txt", 3.0), ("1.x", 2.0), ("2.x", 1.0)]
        for (state, loss) in states {
            let values = samples.flatMap { [scale * (loss + Double($0 % 7) / 8), scale * (loss + 0.5)] }
            capture.tensors.append(("end_loss.\(state)", [count, 2], values))
            capture.tensors.append(("mean_square.\(state)", [count], samples.map { _ in loss * loss }))
        }
        for (index, layer) in ["0.img", "0.txt", "1.x"].enumerated() {
            for (place, format) in formats.enumerated() {
                let loss = 0.25 / Double(1 + index) / Double(1 + 8 * place)
                capture.tensors.append(("cast_loss.\(layer).\(format)", [count], samples.map { _ in loss }))
            }
        }
        return capture
    }

    /// The file, every value as F64.
    var data: Data {
        var offset = 0
        func entry(_ name: String, _ type: String, _ shape: [Int], bytes: Int) -> String {
            defer { offset += bytes }
            return
                "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(offset + bytes)]}"
        }
        let texts = metadata.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(
            separator: ","
        )
        var entries = [
            "\"__metadata__\":{\(texts)}", entry("samples", "I64", [samples.count], bytes: 8 * samples.count),
        ]
        entries += tensors.map { entry($0.name, "F64", $0.shape, bytes: 8 * $0.values.count) }
        var data = Self.word(0)
        let header = Data("{\(entries.joined(separator: ","))}".utf8)
        data = Self.word(UInt64(header.count)) + header
        for sample in samples {
            data += Self.word(UInt64(bitPattern: Int64(sample)))
        }
        for value in tensors.flatMap(\.values) {
            data += Self.word(value.bitPattern)
        }
        return data
    }

    /// A file with a header given to the letter.
    static func file(header: String, body: Data = Data()) -> Data {
        word(UInt64(header.utf8.count)) + Data(header.utf8) + body
    }

    static func word(_ value: UInt64) -> Data {
        Data((0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
    }
}
