import Checkpoints
import TestSupport
import Testing

@Suite("fingerprints of weights")
struct WeightFingerprintTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func fingerprint(_ change: (inout [Float]) -> Void) throws -> String {
        var values = drawnWeights(64 * 256, seed: 1)
        change(&values)
        var file = SafetensorsBytes()
        file.add("small", [4], [1, 2, 3, values[0]])
        file.add("up.weight", [64, 256], values)
        let path = try folder.write(file.bytes, "m.safetensors")
        return try WeightData(of: Model.read(path: path)).sampleDigest()
    }

    @Test(
        "weights that differ in an eighth of the rows have another fingerprint, wherever these are",
        arguments: 0..<8
    )
    func tellsParts(eighth: Int) throws {
        let own = try fingerprint { _ in }
        #expect(try fingerprint { _ in } == own)
        let other = try fingerprint { values in
            for place in eighth * 8 * 256..<(eighth + 1) * 8 * 256 { values[place] += 0.5 }
        }
        #expect(other != own)
    }

    @Test("of a small tensor every byte counts")
    func tellsSmall() throws {
        #expect(try fingerprint { $0[0] += 0.5 } != fingerprint { _ in })
    }
}
