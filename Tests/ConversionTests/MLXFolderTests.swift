import Checkpoints
import Converters
import Estimation
import Foundation
import Quantization
import Recipes
import Sensitivity
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Folders for MLX: packed weights, configuration, index, and what else belongs to a model.
@Suite struct MLXFolderTests {
    /// A model's folder, and where one for MLX goes.
    private struct Prepared {
        let folder: ScratchFolder
        let model: Model

        init(_ hub: HubFolder) throws {
            folder = try ScratchFolder()
            try hub.write(to: folder.url.appendingPathComponent("hub"))
            model = try Model.read(path: folder.path("hub"))
        }

        func recipe(_ format: (String) -> String) throws -> Recipe {
            try ScratchFolder.recipe(model, converter: "mlx", format: format)
        }

        @discardableResult
        func write(
            _ recipe: Recipe,
            _ name: String = "out",
            shardByteCount: Int = MLXTarget.shardByteCount,
            resuming: Bool = false,
            progress: @Sendable (ModelWriter.Progress) -> Bool = { _ in true }
        ) throws -> WrittenModel? {
            let draft = try ModelDraft.mlx(recipe, model: model, shardByteCount: shardByteCount)
            return try ModelWriter(draft, of: model)
                .write(to: folder.path(name), resuming: resuming, progress: progress)
        }

        func names(_ name: String = "out") throws -> Set<String> {
            Set(try FileManager.default.contentsOfDirectory(atPath: folder.path(name)))
        }

        func json(_ name: String) throws -> [String: Any] {
            let text = String(decoding: try folder.bytes(name), as: UTF8.self)
            // Foundation reads no number that JSON does not have.
            let data = Data(text.replacingOccurrences(of: "Infinity", with: "1e300").utf8)
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
    }

    private static let formats = [
        "MLX_A4_G64", "MLX_A3_G32", "MLX_A6_G128", "MLX_MXFP4", "MLX_NVFP4", "MLX_MXFP8",
    ]

    /// A format for each module, the same for experts that are stacked.
    private func mixed(_ name: String) -> String {
        let parts = name.split(separator: ".").filter { Int($0) == nil }
        let sum = parts.joined().utf8.reduce(0) { $0 + Int($1) }
        return name.hasSuffix("k_proj.weight") ? "F32" : Self.formats[sum % Self.formats.count]
    }

    private func bytes(_ model: Model, _ name: String) throws -> [UInt8] {
        let index = try #require(model.tensors.firstIndex { $0.name == name }, "\(name)")
        return try WeightData(of: model).bytes(0..<model.locations[index].byteCount, ofTensor: index)
    }

    @Test(
        "every tensor of the folder is what its codec makes of the model's, experts one after the other",
        arguments: ["BF16", "F16", "F32"],
        [0, 3]
    )
    func tensors(type: String, experts: Int) throws {
        let hub = HubFolder(seed: 1, type: type, expertCount: experts)
        let prepared = try Prepared(hub)
        let recipe = try prepared.recipe { mixed($0) == "F32" ? type : mixed($0) }
        try #require(try prepared.write(recipe) != nil)
        let made = try Model.read(path: prepared.folder.path("out"))
        let source = try #require(QuantizationFormat(named: type))
        for (name, shape) in hub.tensors {
            let own = try bytes(prepared.model, name)
            let expert = name.firstMatch(of: /experts\.(\d+)\./).flatMap { Int($0.1) }
            let place = name.replacing(/experts\.\d+/, with: "switch_mlp").replacing("w1", with: "gate_proj")
                .replacing("w2", with: "down_proj").replacing("w3", with: "up_proj")
            let format = try #require(recipe.layers.first { $0.tensors == [name] }?.format ?? type)
            guard format.hasPrefix("MLX") else {
                #expect(try bytes(made, name) == own, "\(name)")
                continue
            }
            let codec = try #require(
                QuantizationFormat(named: format).flatMap { RowCodec($0, source: source) }
            )
            var values = [Float](repeating: 0, count: shape.reduce(1, *))
            var span = values.mutableSpan
            SourceElements.decode(own.span.bytes, as: source, into: &span)
            let rows = try stride(from: 0, to: values.count, by: shape[1]).map {
                try codec.encode(values.span.extracting($0..<$0 + shape[1]), importance: nil)
            }
            // The parts of a row, one in each tensor.
            var start = 0
            let isAffine = format.hasPrefix("MLX_A")
            let groups = shape[1] / codec.format.blockElements
            let words = codec.format.blockBytes * groups - groups * (isAffine ? 4 : 1)
            let sizes = [
                (".weight", words), (".scales", groups * (isAffine ? 2 : 1)), (".biases", groups * 2),
            ]
            for (ending, count) in sizes.prefix(isAffine ? 3 : 2) {
                let expected = rows.flatMap { $0[start..<start + count] }
                start += count
                let found = try bytes(made, place.replacing(".weight", with: ending))
                let begin = (expert ?? 0) * expected.count
                #expect(Array(found[begin..<begin + expected.count]) == expected, "\(name) \(ending)")
            }
        }
        #expect(RecipeCheck(recipe, file: made, model: prepared.model).differences.isEmpty)
    }

    @Test("the configuration has an entry for every module, and all else to the letter")
    func configuration() throws {
        let hub = HubFolder(seed: 2)
        let prepared = try Prepared(hub)
        try prepared.write(try prepared.recipe { mixed($0) == "F32" ? "BF16" : mixed($0) })
        let text = String(decoding: try prepared.folder.bytes("out/config.json"), as: UTF8.self)
        #expect(text.contains(#""rms_norm_eps": 1e-05"#) && text.contains("[0.0, Infinity]"))
        #expect(text.contains(#""a \"quoted\", {braced} text""#))
        let configuration = try prepared.json("out/config.json")
        let quantization = try #require(configuration["quantization"] as? NSDictionary)
        #expect(configuration["quantization_config"] as? NSDictionary == quantization)
        #expect(configuration["model_type"] as? String == "llama")
        #expect(["group_size", "bits", "mode"].allSatisfy { quantization[$0] != nil })
        for (name, shape) in hub.tensors where shape.count == 2 {
            let entry = try #require(quantization[name.replacing(".weight", with: "")], "\(name)")
            guard mixed(name).hasPrefix("MLX") else {
                #expect(entry as? Bool == false)
                continue
            }
            let format = try #require(QuantizationFormat(named: mixed(name)))
            #expect((entry as? [String: Any])?["group_size"] as? Int == format.blockElements)
        }
        // What was there of another quantization is gone.
        let path = prepared.folder.path("hub/config.json")
        let old = try String(contentsOfFile: path, encoding: .utf8)
        try old.replacingOccurrences(
            of: "{\n",
            with: "{\n \"quantization_config\": {\"quant_method\": \"fp8\", \"x\": [1, {}]},\n"
        ).write(toFile: path, atomically: true, encoding: .utf8)
        try prepared.write(try prepared.recipe { mixed($0) == "F32" ? "BF16" : mixed($0) }, "again")
        #expect(try prepared.folder.bytes("again/config.json") == prepared.folder.bytes("out/config.json"))
    }

    @Test("what belongs to the model is copied, weights of other programs, hidden files and folders are not")
    func companions() throws {
        let prepared = try Prepared(HubFolder(seed: 3))
        try prepared.write(try prepared.recipe { _ in "MLX_A4_G64" })
        #expect(
            try prepared.names() == [
                "config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json",
                "tokenizer_config.json", "chat_template.jinja", "LICENSE",
            ]
        )
        for name in ["tokenizer.json", "LICENSE"] {
            #expect(try prepared.folder.bytes("out/\(name)") == prepared.folder.bytes("hub/\(name)"))
        }
        #expect(!prepared.folder.exists("out.partial") && !prepared.folder.exists("out.partial.journal"))
        #expect(try ModelDraft.foldersLeft(of: prepared.model) == ["onnx"])
    }

    @Test("tensors are divided over files that an index names, and the model is the same")
    func shards() throws {
        let prepared = try Prepared(HubFolder(seed: 4))
        let recipe = try prepared.recipe { _ in "MLX_A4_G64" }
        try prepared.write(recipe)
        try prepared.write(recipe, "shards", shardByteCount: 20_000)
        let names = try prepared.names("shards").filter { $0.hasSuffix(".safetensors") }.sorted()
        #expect(names.count > 3)
        #expect(names.first == "model-00001-of-\(String(100_000 + names.count).dropFirst()).safetensors")
        for name in names {
            let file = try Model.read(path: prepared.folder.path("shards/\(name)"))
            #expect(file.files.count == names.count)
        }
        let one = try Model.read(path: prepared.folder.path("out"))
        let many = try Model.read(path: prepared.folder.path("shards"))
        #expect(Set(one.tensors) == Set(many.tensors))
        for tensor in one.tensors {
            #expect(try bytes(one, tensor.name) == bytes(many, tensor.name), "\(tensor.name)")
        }
        let total = (try prepared.json("shards/model.safetensors.index.json"))["metadata"] as? [String: Any]
        let data = many.locations.reduce(0) { $0 + $1.byteCount }
        #expect(total?["total_size"] as? Int == data)
        #expect(total?["total_parameters"] as? Int == prepared.model.parameters)
    }

    @Test("a run that was ended anywhere goes on and makes the same folder", arguments: 1...8)
    func resumes(limit: Int) throws {
        let prepared = try Prepared(HubFolder(seed: limit))
        let recipe = try prepared.recipe { mixed($0) == "F32" ? "BF16" : mixed($0) }
        try prepared.write(recipe, "whole", shardByteCount: 30_000)
        let counter = EventCounter()
        let ended = try prepared.write(recipe, shardByteCount: 30_000) { _ in counter.next() < limit * 3 }
        #expect(ended == nil && !prepared.folder.exists("out"))
        #expect(ModelWriter.canResume(prepared.folder.path("out")))
        #expect(try prepared.write(recipe, shardByteCount: 30_000, resuming: true) != nil)
        #expect(try prepared.names() == prepared.names("whole"))
        for name in try prepared.names() {
            #expect(try prepared.folder.bytes("out/\(name)") == prepared.folder.bytes("whole/\(name)"))
        }
        #expect(!prepared.folder.exists("out.partial") && !prepared.folder.exists("out.partial.journal"))
    }

    @Test("what a run with other shards left does not end up in the folder")
    func otherShards() throws {
        let prepared = try Prepared(HubFolder(seed: 5))
        let recipe = try prepared.recipe { _ in "MLX_A4_G64" }
        let counter = EventCounter()
        _ = try prepared.write(recipe, shardByteCount: 20_000) { _ in counter.next() < 9 }
        #expect(try prepared.names("out.partial").count > 3)
        try prepared.write(recipe)
        #expect(try prepared.names().filter { $0.hasSuffix(".safetensors") } == ["model.safetensors"])
    }

    @Test("a folder of this program is replaced, and one that holds anything else is not")
    func replaces() throws {
        let prepared = try Prepared(HubFolder(seed: 6))
        let recipe = try prepared.recipe { _ in "MLX_A4_G64" }
        try FileManager.default.createDirectory(
            atPath: prepared.folder.path("out"),
            withIntermediateDirectories: true
        )
        try prepared.write(recipe)
        #expect(ModelWriter.isWrittenFolder(prepared.folder.path("out")))
        #expect(!ModelWriter.isWrittenFolder(prepared.folder.path("hub")))
        let before = try prepared.folder.bytes("out/model.safetensors")
        try prepared.write(try prepared.recipe { _ in "MLX_A8_G64" })
        #expect(try prepared.folder.bytes("out/model.safetensors").count > before.count)
        #expect(!prepared.folder.exists("out.partial.earlier"))
        // What a user laid beside it is not lost.
        try prepared.folder.write([1], "out/notes.txt")
        #expect(!ModelWriter.isWrittenFolder(prepared.folder.path("out")))
        func refuses(_ name: String) {
            #expect(
                throws: ConversionError.cannotWrite(
                    path: prepared.folder.path(name),
                    reason: "it holds what this program did not write"
                )
            ) { try prepared.write(recipe, name) }
        }
        refuses("out")
        #expect(try prepared.names().contains("notes.txt"))
        try FileManager.default.createDirectory(
            atPath: prepared.folder.path("mine"),
            withIntermediateDirectories: true
        )
        try prepared.folder.write([1, 2, 3], "mine/thesis.txt")
        refuses("mine")
        #expect(try prepared.names("mine") == ["thesis.txt"])
    }

    @Test(
        "a model without its configuration, or with one that is none, is refused before anything is written"
    )
    func refuses() throws {
        let prepared = try Prepared(HubFolder(seed: 7))
        let recipe = try prepared.recipe { _ in "MLX_A4_G64" }
        let path = prepared.folder.path("hub/config.json")
        for (bytes, reason) in [
            (Array("[1, 2]".utf8), "it is no object in JSON"),
            ([UInt8](repeating: 0x20, count: 10_000_001), "it has more than 10000000 bytes"),
        ] {
            try prepared.folder.write(bytes, "hub/config.json")
            #expect(throws: ConversionError.unreadableCompanion(path: path, reason: reason)) {
                try prepared.write(recipe)
            }
        }
        try FileManager.default.removeItem(atPath: prepared.folder.path("hub/config.json"))
        #expect(throws: ConversionError.noConfiguration(folder: prepared.folder.path("hub"))) {
            try prepared.write(recipe)
        }
        #expect(!prepared.folder.exists("out") && !prepared.folder.exists("out.partial"))
    }

    @Test(
        "the impacts of the file are those that were estimated of the weights",
        arguments: ["BF16", "F16", "F32"]
    )
    func impacts(type: String) throws {
        let prepared = try Prepared(HubFolder(seed: 8, type: type))
        let formats = try Self.formats.map { try #require(QuantizationFormat(named: $0)) }
        let estimator = try TensorEstimator(
            of: prepared.model,
            settings: try EstimateSettings(formats: formats)
        )
        var estimates: [String: TensorEstimate] = [:]
        for (index, tensor) in prepared.model.tensors.enumerated() where tensor.dimensionCount > 1 {
            estimates[tensor.name] = try estimator.estimate(index)
        }
        let table = try EstimatedImpacts(
            estimates,
            formats: Self.formats,
            model: try LayerGrouping.perTensor.grouped(prepared.model.tensors),
            scale: .relative,
            norm: nil
        ).table(named: "t")
        let recipe = try prepared.recipe { mixed($0) == "F32" ? "MLX_A4_G64" : mixed($0) }
            .withImpacts(of: table)
        let written = try #require(try prepared.write(recipe))
        let layers = try #require(written.impacts(of: recipe))
        #expect(layers.allSatisfy { $0.isAsPlanned && $0.written > 0 }, "\(layers)")
    }
}

/// Counts calls from any thread.
private final class EventCounter: Sendable {
    private let count = Mutex(0)

    /// The number of calls, this one included.
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
