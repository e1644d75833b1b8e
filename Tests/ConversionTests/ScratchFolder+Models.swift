import Checkpoints
import Converters
import Estimation
import Foundation
import Recipes
import Tensors
import TestSupport

@testable import Conversion

/// Small models and what is made of them.
extension ScratchFolder {
    /// A small language model in GGUF, of which nothing stands where `llama-quantize` would put it.
    static func languageModel(
        seed: Int,
        change: (inout [Float]) -> Void = { _ in },
        changeNorm: (inout [Float]) -> Void = { _ in }
    ) -> GGUFModel {
        var file = GGUFModel()
        file.add("general.architecture", "llama")
        file.add("general.file_type", UInt32(0))
        file.add("general.name", "tiny")
        file.addVocabulary("tokenizer.ggml.tokens", count: 2_000)
        file.add("llama.block_count", UInt32(2))
        file.add("output_norm.weight", [256], drawnWeights(256, seed: seed))
        for block in [1, 0] {
            file.add("blk.\(block).ffn_down.weight", [64, 512], drawnWeights(64 * 512, seed: seed + block))
            var query = drawnWeights(32 * 256, seed: seed + 10 + block)
            if block == 1 { change(&query) }
            file.addBF16("blk.\(block).attn_q.weight", [32, 256], query)
            var norm = drawnWeights(256, seed: seed + 20 + block)
            if block == 1 { changeNorm(&norm) }
            file.add("blk.\(block).attn_norm.weight", [256], norm)
        }
        file.add("token_embd.weight", [20, 256], drawnWeights(20 * 256, seed: seed + 30))
        return file
    }

    /// A recipe that gives each layer the format that is asked for, and keeps the rest as it is.
    static func recipe(
        _ model: Model,
        grouping: LayerGrouping = .perTensor,
        converter: String? = "plan",
        format: (String) -> String
    ) throws -> Recipe {
        let converter = try converter.map(Converters.named)?.adapted(to: model, importance: .none)
        let grouped = try grouping.grouped(model.tensors).keeping(
            where: { converter?.neverQuantizes($0) ?? false },
            keptFormat: { converter?.keptFormat(for: $0) },
            sourceFormat: .bf16
        )
        return Recipe(
            generator: .init(version: "0.1.0", arguments: []),
            model: .init(name: model.name, parameters: model.parameters, digest: model.digest),
            impacts: .init(name: "table", digest: ""),
            converter: converter?.name,
            limit: .bytes(1 << 40),
            size: .init(
                bytes: 1,
                bitsPerWeight: 4,
                tensorData: 1,
                headerAndAlignment: 0,
                exact: .plannedLayers
            ),
            impact: .init(total: 0, combine: .sum),
            proof: .init(solver: .glpk, status: .optimal, objective: .impact, bound: 0, gap: 0),
            layers: grouped.recipeLayers { format($0.name) },
            kept: grouped.recipeKept
        )
    }

    /// Writes a model by a recipe.
    @discardableResult
    func convert(
        _ recipe: Recipe,
        _ model: Model,
        to name: String,
        importance: ImportanceMatrix? = nil,
        earlier: String? = nil,
        origins: [String: String]? = nil,
        allowsQuantizedSource: Bool = false,
        resuming: Bool = false,
        progress: @Sendable (ModelWriter.Progress) -> Bool = { _ in true }
    ) throws -> WrittenModel? {
        let draft = try ModelDraft.gguf(
            recipe,
            model: model,
            importance: importance.map(ImportanceRecord.init)
        )
        let earlier = try earlier.map {
            try EarlierFile(Model.read(path: path($0)), of: model, origins: origins)
        }
        return try ModelWriter(
            draft,
            of: model,
            importance: importance.map { .matrix($0) } ?? .none,
            earlier: earlier,
            allowsQuantizedSource: allowsQuantizedSource
        )
        .write(to: path(name), resuming: resuming, progress: progress)
    }
}
