import Tensors
import Testing

@testable import Checkpoints
@testable import Converters

struct LlamaMixTests {
    @Test("There are recordings of many networks")
    func recordings() {
        #expect(RecordedMixes.networks.count >= 15)
    }

    @Test(
        "A mix gives every tensor the format that llama-quantize gave it",
        arguments: RecordedMixes.networks
    )
    func asRecorded(network name: String) throws {
        let recorded = try RecordedMixes.read(name)
        let tensors = try recorded.allTensors
        let mixed = try #require(LlamaMixedModel(try model(recorded, tensors)))
        for mix in LlamaMix.allCases {
            for hasMatrix in [false, true] {
                let wanted = recorded.formats(of: mix, hasImportanceMatrix: hasMatrix)
                let found = mixed.formats(of: mix, hasImportanceMatrix: hasMatrix)
                    .map { zip($0, tensors).map { $0 ?? $1.elementType } }
                let first = zip(found ?? [], wanted ?? []).enumerated().first { $1.0 != $1.1 }
                #expect(
                    found == wanted,
                    """
                    \(mix.rawValue), matrix \(hasMatrix): \(first.map { "\(tensors[$0.offset].name) \($0.element)" } ?? "")
                    """
                )
            }
        }
    }

    @Test("The order in which tensors are listed changes nothing", arguments: ["mixtral", "qwen2-0.5b"])
    func anyOrder(network name: String) throws {
        let recorded = try RecordedMixes.read(name)
        let tensors = try recorded.allTensors
        let forward = try #require(LlamaMixedModel(try model(recorded, tensors)))
        let backward = LlamaMixedModel(tensors.reversed(), in: forward.network)
        for mix in LlamaMix.allCases {
            let formats = backward.formats(of: mix, hasImportanceMatrix: false)
            #expect(forward.formats(of: mix, hasImportanceMatrix: false) == formats?.reversed())
        }
    }

    @Test(
        "Where a list of tensors is all there is, their shapes say what the metadata would",
        arguments: ["llama", "llama-no-sharing", "smollm2-135m", "mixtral", "qwen3", "qwen3moe"]
    )
    func fromShapes(network name: String) throws {
        let recorded = try RecordedMixes.read(name)
        let tensors = try recorded.allTensors
        let known = try #require(LlamaNetwork(try model(recorded, tensors)))
        let derived = try #require(LlamaNetwork(try Model(name: name, tensors: tensors)))
        #expect(derived.architecture == nil)
        #expect(derived.blockCount == known.blockCount)
        #expect(derived.expertCount == known.expertCount)
        #expect(derived.queriesPerKey == known.queriesPerKey)
    }

    @Test("The built-in language models are networks with mixes, and FLUX.1 is not")
    func builtIn() throws {
        for name in Model.builtInNames {
            let model = try Model.builtIn(named: name)
            let mixed = LlamaMixedModel(model)
            #expect((mixed != nil) == !name.hasPrefix("flux"), "\(name)")
            guard let mixed else { continue }
            #expect(mixed.formats(of: .q4_K_M, hasImportanceMatrix: false)?.contains(.q6_K) == true)
        }
    }

    @Test("Mixes below three bits need an importance matrix, as do those with a tensor in such a format")
    func matrices() throws {
        let recorded = try RecordedMixes.read("llama")
        let tensors = try recorded.allTensors
        let mixed = try #require(LlamaMixedModel(try model(recorded, tensors)))
        let needing = LlamaMix.allCases.filter { mix in
            mixed.formats(of: mix, hasImportanceMatrix: true).map { mixed.needsImportanceMatrix(mix, $0) }
                ?? false
        }
        #expect(
            needing.map(\.rawValue) == [
                "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "Q2_K_S", "IQ3_XXS", "IQ3_XS",
            ]
        )
    }

    private func model(_ recorded: RecordedMixes, _ tensors: [TensorInfo]) throws -> Model {
        try Model(
            name: "recorded",
            tensors: tensors,
            kind: .gguf,
            architecture: recorded.architecture,
            metadata: recorded.ggufMetadata
        )
    }
}
