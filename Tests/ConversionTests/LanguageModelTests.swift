import Checkpoints
import Converters
import Estimation
import Foundation
import Quantization
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// GGUF files made of GGUF files.
@Suite struct LanguageModelTests {
    /// The bytes that the codec makes of a tensor of the model, row by row.
    private func cast(
        _ model: Model,
        _ index: Int,
        _ format: QuantizationFormat,
        importance: [Float]? = nil
    ) throws -> [UInt8] {
        let tensor = model.tensors[index]
        let type = try #require(tensor.elementType)
        let bytes = try WeightData(of: model).bytes(0..<model.locations[index].byteCount, ofTensor: index)
        guard type != format else { return bytes }
        let codec = try #require(RowCodec(format))
        var values = [Float](repeating: 0, count: tensor.elementCount)
        var span = values.mutableSpan
        SourceElements.decode(bytes.span.bytes, as: type, into: &span)
        var result: [UInt8] = []
        for row in 0..<tensor.rowCount {
            let range = row * tensor.rowLength..<(row + 1) * tensor.rowLength
            result += try codec.encode(values.span.extracting(range), importance: importance?.span)
        }
        return result
    }

    private static func format(_ layer: String) -> String {
        layer.contains("ffn_down") ? "Q4_K" : layer.contains("attn_q") ? "Q8_0" : "Q5_1"
    }

    @Test("what is drafted follows from what is to be written")
    func containers() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 3).bytes, "m.gguf")
        )
        let recipe = try ScratchFolder.recipe(model, format: Self.format)
        func drafts(_ container: ModelContainer) throws -> [ModelDraft] {
            try container.drafts(recipe, model: model, importance: nil, isRecorded: false, isSplit: false)
        }
        #expect(try drafts(.gguf) == [.gguf(recipe, model: model, importance: nil)])
        #expect(throws: ConversionError.otherContainer(model: model.name)) { try drafts(.safetensors) }
        #expect(throws: ConversionError.noFolder(model: model.name)) { try drafts(.folder) }
    }

    @Test("weights that are quantized already are cast from what they stand for, where that is allowed")
    func quantizedSource() throws {
        let folder = try ScratchFolder()
        let whole = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 3).bytes, "m.gguf")
        )
        try folder.convert(try ScratchFolder.recipe(whole) { _ in "Q8_0" }, whole, to: "q8.gguf")
        let model = try Model.read(path: folder.path("q8.gguf"))
        let recipe = try ScratchFolder.recipe(model, format: Self.format)
        #expect(
            throws: ConversionError.unreadableType(
                tensor: "token_embd.weight",
                type: "Q8_0",
                format: try #require(recipe.layers.first).format
            )
        ) { try folder.convert(recipe, model, to: "q.gguf") }
        try #require(try folder.convert(recipe, model, to: "q.gguf", allowsQuantizedSource: true) != nil)
        let made = try Model.read(path: folder.path("q.gguf"))
        let (from, to) = (try WeightData(of: model), try WeightData(of: made))
        for (index, tensor) in made.tensors.enumerated() where tensor.dimensionCount > 1 {
            let source = try #require(model.tensors.firstIndex { $0.name == tensor.name })
            let bytes = try from.bytes(0..<model.locations[source].byteCount, ofTensor: source)
            let own = try to.bytes(0..<made.locations[index].byteCount, ofTensor: index)
            let format = try #require(tensor.elementType)
            #expect(format.name == Self.format(tensor.name))
            guard format != .q8_0 else {
                #expect(own == bytes)
                continue
            }
            let (decoder, encoder) = (try #require(RowCodec(.q8_0)), try #require(RowCodec(format)))
            var expected: [UInt8] = []
            let stride = bytes.count / tensor.rowCount
            for row in 0..<tensor.rowCount {
                let values = try decoder.decode(
                    bytes.span.extracting(row * stride..<(row + 1) * stride),
                    count: tensor.rowLength
                )
                expected += try encoder.encode(values.span, importance: nil)
            }
            #expect(own == expected, "\(tensor.name)")
        }
    }

    /// A folder with a small model, `m.gguf`, and what is made of it by a recipe of several formats, `q.gguf`.
    private func converted(seed: Int) throws -> (folder: ScratchFolder, model: Model, recipe: Recipe) {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: seed).bytes, "m.gguf")
        )
        let recipe = try ScratchFolder.recipe(model, format: Self.format)
        try #require(try folder.convert(recipe, model, to: "q.gguf") != nil)
        return (folder, model, recipe)
    }

    @Test("a file has the codecs' bytes, and llama-quantize's order of tensors", arguments: [1, 2])
    func bytes(seed: Int) throws {
        let (folder, model, _) = try converted(seed: seed)
        let made = try Model.read(path: folder.path("q.gguf"))
        #expect(
            made.tensors.map(\.name) == [
                "output_norm.weight", "token_embd.weight", "blk.0.attn_norm.weight", "blk.0.attn_q.weight",
                "blk.0.ffn_down.weight", "blk.1.attn_norm.weight", "blk.1.attn_q.weight",
                "blk.1.ffn_down.weight",
            ]
        )
        for (index, tensor) in made.tensors.enumerated() {
            let source = try #require(model.tensors.firstIndex { $0.name == tensor.name })
            let expected = tensor.dimensionCount == 1 ? "F32" : Self.format(tensor.name)
            #expect(tensor.elementType?.name == expected)
            let bytes = try WeightData(of: made)
                .bytes(0..<made.locations[index].byteCount, ofTensor: index)
            #expect(try bytes == cast(model, source, try #require(tensor.elementType)), "\(tensor.name)")
        }
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("metadata stay to the byte and in order, with version and file type at the end")
    func metadata() throws {
        let (folder, model, _) = try converted(seed: 1)
        let made = try Model.read(path: folder.path("q.gguf"))
        let entries = try made.ggufEntries()
        #expect(
            entries.map(\.key) == [
                "general.architecture", "general.name", "tokenizer.ggml.tokens", "llama.block_count",
                "general.quantization_version", "general.file_type",
            ]
        )
        let before = try model.ggufEntries()
        for entry in entries.prefix(4) { #expect(before.contains(entry), "\(entry.key)") }
        #expect(made.metadataValue(for: "general.quantization_version") == .uint32(2))
        // Two tensors of Q4_K and two of Q8_0: the larger format counts.
        #expect(made.metadataValue(for: "general.file_type") == .uint32(7))
    }

    @Test("the size that a plan for this program counts is the file's to the byte")
    func size() throws {
        let (folder, model, recipe) = try converted(seed: 1)
        let file = try Converters.named("plan").adapted(to: model, importance: .none)
            .finishedFile(for: model, formats: [.q4_K])
        #expect(file.accuracy == .exact)
        let data = (recipe.layers.map(\.bytes) + recipe.kept.map(\.bytes))
        #expect(try folder.bytes("q.gguf").count == file.layout.fileSize(tensorByteCounts: data))
    }

    @Test("a split model is merged into one file without what says how it was split")
    func split() throws {
        let folder = try ScratchFolder()
        for number in 0..<2 {
            var file = GGUFModel(partOfTwo: number)
            let values = drawnWeights(64 * 32, seed: number)
            file.add("blk.\(1 - number).attn_q.weight", [64, 32], values)
            try folder.write(file.bytes, "m-0000\(number + 1)-of-00002.gguf")
        }
        let model = try Model.read(path: folder.path("m-00001-of-00002.gguf"))
        let recipe = try ScratchFolder.recipe(model) { _ in "Q8_0" }
        try folder.convert(recipe, model, to: "q.gguf")
        let made = try Model.read(path: folder.path("q.gguf"))
        #expect(made.tensors.map(\.name) == ["blk.0.attn_q.weight", "blk.1.attn_q.weight"])
        #expect(try !made.ggufEntries().contains { $0.key.hasPrefix("split.") })
    }

    /// A matrix of two chunks of a text, for the queries of one block.
    private func matrix(_ values: [Float], count: Float) -> [UInt8] {
        var file = GGUFModel()
        file.add("imatrix.chunk_count", UInt32(2))
        file.add("blk.0.attn_q.weight.in_sum2", [1, values.count], values)
        file.add("blk.0.attn_q.weight.counts", [1, 1], [count])
        return file.bytes
    }

    @Test("what is cast without the importance matrix is named, kept tensors and entries of zeros among them")
    func unweighted() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 1).bytes, "m.gguf")
        )
        // One is kept as the user asked, as --keep does, and one as a float.
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_K" }.changed {
            for (name, format) in [("blk.1.ffn_down.weight", "Q4_0"), ("blk.0.ffn_down.weight", "F16")] {
                let index = try #require($0.layers.firstIndex { $0.layer == name })
                let layer = $0.layers.remove(at: index)
                $0.kept.append(.init(tensor: name, format: format, bytes: layer.bytes))
            }
        }
        let ones = [Float](repeating: 1, count: 256)
        for (values, hasEntry) in [(ones, true), (ones.map { 0 * $0 }, false)] {
            let matrix = try ImportanceMatrix(
                path: try folder.write(matrix(values, count: 4), "imatrix.gguf")
            )
            let draft = try ModelDraft.gguf(recipe, model: model, importance: ImportanceRecord(matrix))
            let names = try ModelWriter(draft, of: model, importance: .matrix(matrix)).unweightedTensors()
            let others = ["token_embd.weight", "blk.1.attn_q.weight", "blk.1.ffn_down.weight"]
            #expect(Set(names) == Set(others + (hasEntry ? [] : ["blk.0.attn_q.weight"])))
        }
    }

    @Test("embeddings in formats that no encoder makes without importance are refused before any is cast")
    func needsImportance() throws {
        let folder = try ScratchFolder()
        let source = ScratchFolder.languageModel(seed: 1)
        let model = try Model.read(path: try folder.write(source.bytes, "m.gguf"))
        let matrix = try ImportanceMatrix(
            path: try folder.write(matrix([Float](repeating: 1, count: 256), count: 4), "imatrix.gguf")
        )
        for format in RowCodec.formats.filter({ $0.needsImportanceMatrix }) {
            let isRefused = RowCodec(format)?.requiresImportance == true
            let recipe = try ScratchFolder.recipe(model) { $0 == "token_embd.weight" ? format.name : "Q4_K" }
            let draft = try ModelDraft.gguf(recipe, model: model, importance: nil)
            let importances: [EncoderImportance] = [.none, .matrix(matrix)]
            for importance in importances {
                let refusal = sentence { try ModelWriter(draft, of: model, importance: importance) }
                let error = ConversionError.needsImportance(tensor: "token_embd.weight", format: format.name)
                #expect(refusal == (isRefused ? error.description : nil), "\(format)")
            }
            #expect(sentence { try ModelWriter(draft, of: model, importance: .ones) } == nil, "\(format)")
        }
    }

    @Test("an importance matrix shapes the bytes, and the file says which it was")
    func importance() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(
            path: try folder.write(ScratchFolder.languageModel(seed: 1).bytes, "m.gguf")
        )
        let squares = (0..<256).map { Float($0 % 7) + 0.25 }
        let matrix = try ImportanceMatrix(
            path: try folder.write(matrix(squares.map { $0 * 4 }, count: 4), "imatrix.gguf")
        )
        let recipe = try ScratchFolder.recipe(model) { _ in "Q4_K" }
        try folder.convert(recipe, model, to: "plain.gguf")
        try folder.convert(recipe, model, to: "q.gguf", importance: matrix)
        let made = try Model.read(path: folder.path("q.gguf"))
        let index = try #require(made.tensors.firstIndex { $0.name == "blk.0.attn_q.weight" })
        let source = try #require(model.tensors.firstIndex { $0.name == "blk.0.attn_q.weight" })
        let bytes = try WeightData(of: made).bytes(0..<made.locations[index].byteCount, ofTensor: index)
        #expect(try bytes == cast(model, source, .q4_K, importance: squares))
        #expect(try bytes != cast(model, source, .q4_K))
        #expect(
            made.metadata.suffix(3).map(\.key) == [
                "quantize.imatrix.file", "quantize.imatrix.entries_count", "quantize.imatrix.chunks_count",
            ]
        )
        #expect(made.metadataValue(for: "quantize.imatrix.chunks_count") == .uint32(2))
        let file = try Converters.named("plan").adapted(to: model, importance: .matrix(matrix))
            .finishedFile(for: model, formats: [.q4_K])
        let data = (recipe.layers.map(\.bytes) + recipe.kept.map(\.bytes))
        #expect(try folder.bytes("q.gguf").count == file.layout.fileSize(tensorByteCounts: data))
    }
}
