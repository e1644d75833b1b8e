import BitAllocation
import Foundation

/// A benchmark instance in the binary form that the instance generator writes.
///
/// All little-endian: 1. the magic `MCKP`; 2. `int32` groups n; 3. `int32` choices N; 4. `int64` fixed bytes; 5. `int32`
/// start of each group's choices (n + 1); 6. `int64` bytes of each choice (N); 7. `float64` cost of each choice (N);
/// 8. `int32` format of each choice (N); 9. `int32` class of each group (n).
struct InstanceFile {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let problem: AllocationProblem

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        guard data.count >= 20, data.prefix(4) == Data("MCKP".utf8) else {
            throw Malformed(description: "\(path) is no instance file")
        }
        let bytes = data.bytes
        let groups = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 4, as: Int32.self))
        let choices = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: Int32.self))
        let fixed = Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 12, as: Int64.self))
        guard groups > 0, choices >= groups, data.count == 20 + 4 * (groups + 1) + 20 * choices + 4 * groups
        else {
            throw Malformed(description: "\(path) has counts that do not fit its size")
        }
        let starts = 20
        let sizes = starts + 4 * (groups + 1)
        let costs = sizes + 8 * choices
        let formats = costs + 8 * choices
        let formatIDs = (0..<choices).map {
            unsafe bytes.unsafeLoadUnaligned(fromByteOffset: formats + 4 * $0, as: Int32.self)
        }
        problem = try AllocationProblem(
            layerNames: (0..<groups).map { "group\($0)" },
            formatNames: (0...Int(formatIDs.max() ?? 0)).map { "format\($0)" },
            firstOption: (0...groups).map {
                Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: starts + 4 * $0, as: Int32.self))
            },
            optionFormat: formatIDs.map { UInt16(truncatingIfNeeded: $0) },
            optionBytes: (0..<choices).map {
                Int(unsafe bytes.unsafeLoadUnaligned(fromByteOffset: sizes + 8 * $0, as: Int64.self))
            },
            optionImpact: (0..<choices).map {
                unsafe bytes.unsafeLoadUnaligned(fromByteOffset: costs + 8 * $0, as: Double.self)
            },
            fixedBytes: fixed,
            budget: 0
        )
    }
}
