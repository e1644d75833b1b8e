import Checkpoints
import Foundation
import Tensors

@testable import Converters

/// What llama-quantize gave to the tensors of a small network, by each of its mixes.
///
/// `Scripts/record-llama-mixes` writes the files and `Scripts/lib/llama_mixes.py` describes them.
struct RecordedMixes: Decodable {
    /// Tensors of one name, with {} for the block.
    struct Pattern: Decodable {
        let name: String
        let shape: [Int]
        let type: String
    }

    /// A figure of the network: a whole number, a fraction that nothing here asks for, or a number per block.
    enum Figure: Decodable {
        case number(Int)
        case numbers([Int])
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Int.self) {
                self = .number(value)
            } else if let values = try? container.decode([Int].self) {
                self = .numbers(values)
            } else {
                self = .other
            }
        }
    }

    let architecture: String
    let blocks: Int
    let metadata: [String: Figure]
    let tensors: [Pattern]
    let letters: [String: String]
    let mixes: [String: [String: [String]?]]

    /// The names of the networks that were recorded.
    static let networks: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "LlamaMixes")

    /// Reads what was recorded of a network.
    static func read(_ network: String) throws -> RecordedMixes {
        let file = folder.appending(path: "\(network).json")
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    /// The network's tensors, in the order of the letters.
    var allTensors: [TensorInfo] {
        get throws {
            try tensors.flatMap { pattern in
                try names(of: pattern).map {
                    try TensorInfo(
                        name: $0,
                        shape: pattern.shape,
                        elementType: QuantizationFormat(named: pattern.type)
                    )
                }
            }
        }
    }

    private func names(of pattern: Pattern) -> [String] {
        guard pattern.name.contains("{}") else { return [pattern.name] }
        return (0..<blocks).map { pattern.name.replacingOccurrences(of: "{}", with: "\($0)") }
    }

    /// The metadata as the GGUF file has them.
    var ggufMetadata: [GGUFMetadata] {
        metadata.sorted { $0.key < $1.key }.compactMap { key, figure in
            let key = "\(architecture).\(key)"
            return switch figure {
            case .number(let value): GGUFMetadata(key, .uint32(UInt32(value)))
            case .numbers(let values): GGUFMetadata(key, .int32Array(values.map { Int32($0) }))
            case .other: nil
            }
        }
    }

    /// The formats of all tensors under a mix, in the order of ``allTensors``, or nil where the program gave up.
    func formats(of mix: LlamaMix, hasImportanceMatrix: Bool) -> [QuantizationFormat]? {
        // Where a matrix changes nothing, it was not recorded a second time.
        let recorded = mixes[mix.rawValue]
        let rows = (hasImportanceMatrix ? recorded?["imatrix"] : nil) ?? recorded?["plain"] ?? nil
        return rows?.flatMap { row in
            row.compactMap { letters[String($0)].flatMap(QuantizationFormat.init(named:)) }
        }
    }
}
