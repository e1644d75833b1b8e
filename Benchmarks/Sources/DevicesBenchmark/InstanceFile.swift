import BitAllocation
import Foundation

/// A benchmark instance on several devices in the binary form that `Benchmarks/devices` writes.
///
/// All little-endian: 1. the magic `MRES`; 2. `int32` limits r; 3. `int32` places; 4. `int32` segments; 5. `float64` limits
/// (r); 6. the free layers; 7. for each segment and each of its places, `float64` what it takes of each limit whatever is chosen
/// (r), and its own layers. Layers are `int32` layers n; `int32` options N; `int32` start of each layer's options (n + 1);
/// `float64` cost of each option (N); `float64` what each option takes of each limit (N × r).
struct InstanceFile {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let problem: OrderedResourceProblem

    init(path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        guard data.prefix(4) == Data("MRES".utf8) else {
            throw Malformed(description: "\(path) is no instance file")
        }
        var reader = Reader(data: data, offset: 4)
        let resources = try reader.count()
        let places = try reader.count()
        let segments = try reader.count()
        let limits = try reader.numbers(resources)
        let free = try reader.layers(resources)
        problem = try OrderedResourceProblem(
            free: free,
            segments: (0..<segments).map { _ in
                try (0..<places).map { _ in
                    let uses = try reader.numbers(resources)
                    return OrderedResourceProblem.Place(uses: uses, layers: try reader.layers(resources))
                }
            },
            limits: limits
        )
    }

    /// Reads from the front of the file on.
    private struct Reader {
        let data: Data
        var offset: Int

        mutating func count() throws -> Int {
            guard offset + 4 <= data.count else { throw Malformed(description: "the file is cut short") }
            defer { offset += 4 }
            return Int(unsafe data.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self))
        }

        mutating func numbers(_ count: Int) throws -> [Double] {
            guard count >= 0, offset + 8 * count <= data.count else {
                throw Malformed(description: "the file is cut short")
            }
            defer { offset += 8 * count }
            let bytes = data.bytes
            return (0..<count).map {
                unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset + 8 * $0, as: Double.self)
            }
        }

        mutating func layers(_ resources: Int) throws -> [[ResourceProblem.Option]] {
            let layers = try count()
            let options = try count()
            let starts = try (0...layers).map { _ in try count() }
            let costs = try numbers(options)
            let uses = try numbers(options * resources)
            return zip(starts, starts.dropFirst()).map { first, next in
                (first..<next).map {
                    .init(cost: costs[$0], uses: Array(uses[$0 * resources..<($0 + 1) * resources]))
                }
            }
        }
    }
}
