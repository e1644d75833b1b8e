import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Checkpoints
@testable import Converters

/// Finished files of converters that a recipe was not planned for, and what converters add to a file.
@Suite struct CarriedOutTests {
    /// A GGUF file of so many bytes.
    private func file(_ tensors: [TensorInfo], _ metadata: [GGUFMetadata] = [], bytes: Int) throws -> Model {
        try Model(
            name: "file",
            tensors: tensors,
            kind: .gguf,
            metadata: metadata,
            files: [ModelFile(path: "file.gguf", byteCount: bytes, headerByteCount: 0)]
        )
    }

    private func padded(_ bytes: Int) -> Int { (bytes + 31) / 32 * 32 }

    @Test("FLUX.1's recipe is as planned in what stable-diffusion.cpp makes of it, to the byte")
    func stableDiffusion() throws {
        let (model, recipe) = try RecipeFixtures.fluxNineGigabytes()
        let planned = RecipeFixtures.planned(recipe)
        // Kept tensors stay in the source's BF16; ggml counts no outer dimensions of one element, and there are no metadata.
        let tensors = try model.tensors.map { tensor in
            try TensorInfo(
                name: tensor.name,
                shape: tensor.shape,
                elementType: planned[tensor.name].flatMap(QuantizationFormat.init(named:)) ?? .bf16
            )
        }
        var (header, data) = (24, 0)
        for tensor in tensors {
            let dimensions = max(1, tensor.shape.drop { $0 == 1 }.count)
            header += 8 + tensor.name.utf8.count + 4 + 8 * dimensions + 4 + 8
            data += padded(try #require(tensor.elementType?.byteCount(of: tensor)))
        }
        let file = try file(tensors, bytes: padded(header) + data)
        let asPlanned = RecipeCheck(recipe, file: file, model: model)
        let closest = try #require(try RecipeCheck.closest(recipe, file: file, model: model))
        #expect(closest.converter.name == "stable-diffusion.cpp" && closest.check.differences.isEmpty)
        // 466 tensors of one dimension, and the sizes of the tensors and of the file.
        #expect(asPlanned.differences.count == 468)
        let converter = try Converters.named("stable-diffusion.cpp")
        let carried = try recipe.carriedOut(by: converter, on: model)
        let check = RecipeCheck(carried, file: file, model: model)
        #expect(check.differences == [])
        #expect(check.matching == 780)
        #expect(carried.layers == recipe.layers && carried.size.exact == .file)
        #expect(carried.size.bytes == padded(header) + data)
    }

    @Test("what a converter is to leave and does not is still found out")
    func wrongKept() throws {
        let (model, recipe) = try RecipeFixtures.fluxNineGigabytes()
        let carried = try recipe.carriedOut(by: try Converters.named("stable-diffusion.cpp"), on: model)
        let planned = RecipeFixtures.planned(recipe)
        let tensors = try model.tensors.map { tensor in
            let isWrong = tensor.name == "img_in.bias"
            return try TensorInfo(
                name: tensor.name,
                shape: tensor.shape,
                elementType: planned[tensor.name].flatMap(QuantizationFormat.init(named:))
                    ?? (isWrong ? .f32 : .bf16)
            )
        }
        let check = RecipeCheck(carried, file: try file(tensors, bytes: 0), model: model)
        #expect(check.differences.filter { $0.kind == "format" }.map(\.tensor) == ["img_in.bias"])
        #expect(check.differences.contains { $0.kind == "file bytes" })
    }

    @Test("biases that mixed-gguf-converter casts with their layer count in its format")
    func castBiases() throws {
        let (model, recipe) = try RecipeFixtures.fluxNineGigabytes()
        let carried = try recipe.carriedOut(by: try Converters.named("mixed-gguf-converter"), on: model)
        let kept = Dictionary(uniqueKeysWithValues: carried.kept.map { ($0.tensor, $0) })
        let layer = try #require(
            recipe.layers.first { $0.tensors.contains("single_blocks.0.linear1.weight") }
        )
        #expect(kept["single_blocks.0.linear1.bias"]?.format == layer.format)
        #expect(kept["single_blocks.0.norm.key_norm.scale"]?.format == "F32")
        #expect(kept["img_in.weight"]?.format == "F32")
        let formats = RecipeFixtures.planned(carried)
        func check(_ changed: [String: String]) throws -> [String] {
            let tensors = try model.tensors.map { tensor in
                let name = try #require(
                    changed[tensor.name] ?? formats[tensor.name] ?? kept[tensor.name]?.format
                )
                return try TensorInfo(
                    name: tensor.name,
                    shape: tensor.shape,
                    elementType: QuantizationFormat(named: name)?.elementFormat
                )
            }
            let found = RecipeCheck(carried, file: try file(tensors, bytes: 0), model: model).differences
            return found.filter { $0.kind == "format" }.compactMap(\.tensor)
        }
        #expect(try check([:]) == [])
        #expect(try check(["single_blocks.0.linear1.bias": "F32"]) == ["single_blocks.0.linear1.bias"])
    }

    private static let imatrix: [GGUFMetadata] = [
        GGUFMetadata("quantize.imatrix.file", .string("some/imatrix.gguf")),
        GGUFMetadata("quantize.imatrix.dataset", .string(String(repeating: "d", count: 127))),
        GGUFMetadata("quantize.imatrix.entries_count", .uint32(210)),
        GGUFMetadata("quantize.imatrix.chunks_count", .uint32(100)),
    ]

    /// The kinds of the differences of a file that has more metadata than planned.
    private func differences(_ added: [GGUFMetadata], addedBytes: Int, source: [GGUFMetadata] = []) throws
        -> [String]
    {
        try check(added, addedBytes: addedBytes, source: source).check.differences.map(\.kind)
    }

    /// A recipe of one tensor for llama-quantize held against a file that has more metadata than planned, and the file's size.
    private func check(
        _ added: [GGUFMetadata],
        addedBytes: Int,
        source: [GGUFMetadata] = []
    ) throws -> (check: RecipeCheck, found: Int) {
        let architecture = GGUFMetadata("general.architecture", .string("llama"))
        let set = ["general.quantization_version", "general.file_type"].map { GGUFMetadata($0, .uint32(2)) }
        let weight = try TensorInfo(name: "blk.0.ffn_up.weight", shape: [64, 256], elementType: .bf16)
        let model = try file([weight], [architecture] + source, bytes: 0)
        let recipe = try RecipeFixtures.recipe(tensors: [weight]) { _ in "Q8_0" }
            .carriedOut(by: try Converters.named("llama-quantize"), on: model)
        var header = 24 + (8 + 20 + 4 + 8 + 5) + 2 * 4 + 2 * 8 + 28 + 17 + 2 * 4 + (8 + 19 + 4 + 16 + 4 + 8)
        header += addedBytes
        let finished = try file(
            [try TensorInfo(name: weight.name, shape: weight.shape, elementType: .q8_0)],
            [architecture] + source + set + added,
            bytes: padded(header) + 64 * 256 / 32 * 34
        )
        let check = RecipeCheck(recipe, file: finished, model: model)
        return (check, try #require(finished.fileByteCount))
    }

    /// The bytes of an entry: its key, its type, its value.
    private func bytes(_ entries: [GGUFMetadata]) -> Int {
        entries.reduce(0) { sum, entry in
            let value = if case .string(let text) = entry.value { 8 + text.utf8.count } else { 4 }
            return sum + 8 + entry.key.utf8.count + 4 + value
        }
    }

    @Test("what llama-quantize notes of an importance matrix is no difference, whichever of it is there")
    func importanceEntries() throws {
        #expect(try differences([], addedBytes: 0) == [])
        for count in 1...4 {
            for start in 0...4 - count {
                let added = Array(Self.imatrix[start..<start + count])
                #expect(try differences(added, addedBytes: bytes(added)) == [], "\(added.map(\.key))")
            }
        }
    }

    @Test("other entries, longer texts and other types are differences, as they are none of the four")
    func otherEntries() throws {
        let others = [
            GGUFMetadata("quantize.imatrix.file", .string(String(repeating: "f", count: 128))),
            GGUFMetadata("quantize.imatrix.note", .string(String(repeating: "n", count: 40))),
            GGUFMetadata("quantize.imatrix.entries_count", .string(String(repeating: "9", count: 40))),
        ]
        for other in others {
            #expect(try differences([other], addedBytes: bytes([other])) == ["file bytes"], "\(other.key)")
        }
    }

    @Test("a difference has the file's own size, beside what was planned with the record of the matrix")
    func differenceOfSizes() throws {
        // The header is padded to 32 bytes, and has two times that more with this entry.
        let other = GGUFMetadata("quantize.imatrix.note", .string(String(repeating: "n", count: 23)))
        #expect(bytes([other]) == 64)
        let added = Self.imatrix + [other]
        let found = try check(added, addedBytes: bytes(added))
        let difference = try #require(found.check.differences.first { $0.kind == "file bytes" })
        #expect(difference.found == ByteSize(found.found).grouped)
        let recorded = try check(Self.imatrix, addedBytes: bytes(Self.imatrix))
        #expect(recorded.check.differences.isEmpty && recorded.found == found.found - 64)
        #expect(difference.planned == ByteSize(recorded.found).grouped, "\(difference)")
    }

    @Test("a tensor that is kept in a format which needs a matrix leaves the header's size open")
    func keptFormats() throws {
        let names = ["blk.0.ffn_up.weight", "blk.0.ffn_down.weight"]
        let converter = try Converters.named("llama-quantize")
        for (own, format, isExact) in [
            (QuantizationFormat.bf16, "IQ2_XS", false), (.iq2_xs, "IQ2_XS", true), (.bf16, "Q8_0", true),
        ] {
            let tensors = try names.map {
                try TensorInfo(name: $0, shape: [64, 256], elementType: $0 == names[1] ? own : .bf16)
            }
            let model = try file(tensors, [GGUFMetadata("general.architecture", .string("llama"))], bytes: 0)
            let recipe = try RecipeFixtures.recipe(tensors: tensors) { _ in "Q8_0" }.changed {
                let index = try #require($0.layers.firstIndex { $0.layer == names[1] })
                let layer = $0.layers.remove(at: index)
                $0.kept.append(.init(tensor: names[1], format: format, bytes: layer.bytes))
                $0.converter = converter.name
                $0.size.exact = .file
            }
            let carried = try recipe.carriedOut(by: converter, on: model)
            #expect(carried.size.exact == (isExact ? .file : .tensorData), "\(own) \(format)")
            // Its header has no bytes, which shows where the header is known.
            let header = try RecipeSizes.headerDifference(recipe, of: model, unconverted: .unpadded)
            #expect((header != nil) == isExact, "\(own) \(format)")
            let usage = converter.usage(of: recipe, file: "t", source: SourceFiles(model))
            #expect(usage.contains("--imatrix") == !isExact, "\(usage)")
            let made = Set(recipe.madeFormats(of: model).map(\.name))
            #expect(made == (own == .iq2_xs ? ["Q8_0"] : ["Q8_0", format]))
        }
    }

    @Test("entries that the source has already are copied with it and counted once")
    func copiedEntries() throws {
        let source = Array(Self.imatrix.prefix(1))
        #expect(try differences([], addedBytes: bytes(source), source: source) == [])
    }

    @Test(
        "a plan for a matrix counts the four entries, exactly where it is at hand and from above where it is not",
        arguments: ["llama-quantize", "ik_llama.cpp"]
    )
    func countedEntries(name: String) throws {
        let weight = try TensorInfo(name: "blk.0.ffn_up.weight", shape: [64, 256], elementType: .bf16)
        let architecture = GGUFMetadata("general.architecture", .string("llama"))
        let model = try file([weight], [architecture], bytes: 0)
        let converter = try Converters.named(name)
        func finished(_ importance: ConverterImportance, _ format: QuantizationFormat = .q8_0) throws
            -> FinishedFile
        {
            try converter.adapted(to: model, importance: importance).finishedFile(
                for: model,
                formats: [format]
            )
        }
        let set = ["general.quantization_version", "general.file_type"].map { GGUFMetadata($0, .uint32(0)) }
        func header(_ more: [GGUFMetadata]) throws -> Int {
            try GGUFHeader(metadata: [architecture] + set + more).layout(for: model.tensors).headerBytes
        }
        let without = try finished(.none)
        #expect(without.accuracy == .exact)
        #expect(try without.layout.headerBytes == header([]))
        let longest = Self.imatrix.map { entry in
            if case .string = entry.value {
                return GGUFMetadata(entry.key, .string(String(repeating: "x", count: 127)))
            }
            return entry
        }
        for file in [try finished(.unknown), try finished(.none, .iq2_xs)] {
            #expect(file.accuracy == .tensorData && file.uncertainty != nil)
            #expect(try file.layout.headerBytes == header(longest))
        }
        // The old binary shape: one entry of 256 values, three chunks, and the name of the text.
        var bytes: [UInt8] = []
        func add(_ number: Int32) { withUnsafeBytes(of: number.littleEndian) { bytes += Array($0) } }
        add(1)
        add(Int32(weight.name.utf8.count))
        bytes += Array(weight.name.utf8)
        add(1)
        add(256)
        bytes += [UInt8](repeating: 0, count: 1024)
        add(3)
        add(8)
        bytes += Array("text.txt".utf8)
        let folder = try ScratchFolder()
        let path = folder.path("i.dat")
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let known = try finished(.matrix(try ImportanceMatrix(path: path)))
        let entries = [
            GGUFMetadata("quantize.imatrix.file", .string(String(path.prefix(127)))),
            GGUFMetadata("quantize.imatrix.dataset", .string("text.txt")),
            GGUFMetadata("quantize.imatrix.entries_count", .uint32(1)),
            GGUFMetadata("quantize.imatrix.chunks_count", .uint32(3)),
        ]
        #expect(known.accuracy == .exact)
        #expect(try known.layout.headerBytes == header(entries))
        // A recipe that counts them and a file that has them agree.
        let data = 64 * 256 / 32 * 34
        let recipe = try RecipeFixtures.recipe(tensors: [weight]) { _ in "Q8_0" }
            .carriedOut(by: try Converters.named("llama-quantize"), on: model)
            .changed {
                $0.size.bytes = known.layout.headerBytes + data
                $0.size.headerAndAlignment = known.layout.headerBytes
            }
        let made = try file(
            [try TensorInfo(name: weight.name, shape: weight.shape, elementType: .q8_0)],
            [architecture] + set + entries,
            bytes: recipe.size.bytes
        )
        #expect(RecipeCheck(recipe, file: made, model: model).differences == [])
    }

    @Test("experts are looked for in the stack that MLX makes of them")
    func stackedExperts() throws {
        let experts = try (0..<3).map {
            try TensorInfo(name: "l.mlp.experts.\($0).up_proj.weight", shape: [8, 128], elementType: .bf16)
        }
        let recipe = try RecipeFixtures.recipe(tensors: experts) { _ in "MLX_A4_G64" }.changed {
            $0.converter = "mlx"
            $0.size.exact = .plannedLayers
        }
        let model = try Model(name: "m", tensors: experts)
        func check(_ stack: Int, _ words: Int, groups: Int = 2) throws -> [String] {
            let entries = [
                ("weight", "U32", [stack, 8, words]), ("scales", "BF16", [stack, 8, groups]),
                ("biases", "BF16", [stack, 8, groups]),
            ]
            let file = try Model(
                name: "m",
                tensors: entries.map { ending, type, shape in
                    try TensorInfo(
                        name: "l.mlp.switch_mlp.up_proj.\(ending)",
                        shape: shape,
                        elementType: QuantizationFormat(named: type)
                    )
                },
                kind: .safetensors
            )
            let check = RecipeCheck(recipe, file: file, model: model)
            #expect(check.matching + Set(check.differences.map(\.tensor)).count == 3)
            return check.differences.map(\.kind)
        }
        #expect(try check(3, 16) == [])
        #expect(try check(2, 16) == ["shape", "shape", "shape"])
        #expect(try check(3, 32) == ["format", "format", "format"])
    }
}
