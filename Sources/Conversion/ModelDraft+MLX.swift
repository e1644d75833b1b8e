public import Checkpoints
public import Converters
import Foundation
public import Recipes
import Tensors
import Text

extension ModelDraft {
    /// Drafts the folder for MLX that a recipe plans: its files of tensors with an index, `config.json`, and the other files of the
    /// model's folder, such as the tokenizer, as they are.
    ///
    /// The words, scales and biases of a quantized weight are those that `mlx.core.quantize` makes. Of the model's folder only files
    /// are taken over, neither hidden ones nor weights of any kind. Spaces behind the last file's header give the files of tensors
    /// the size that was planned for them.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, of the converter `mlx` or of none.
    ///   - model: The model, in the safetensors of a folder from Hugging Face.
    ///   - shardByteCount: The most bytes of tensors in one file, unless a single tensor has more.
    /// - Returns: The draft.
    /// - Throws: ``ConversionError``.
    public static func mlx(
        _ recipe: Recipe,
        model: Model,
        shardByteCount: Int = MLXTarget.shardByteCount
    ) throws(ConversionError) -> ModelDraft {
        let (folder, configuration) = try source(of: model)
        let target: MLXTarget
        do throws(RecipeError) {
            target = try MLXTarget(recipe, model: model)
        } catch {
            throw .recipe(error)
        }
        try check(target, of: model, configuration)
        let tensors = target.tensors.map {
            SafetensorsDraft.Tensor(name: $0.name, shape: $0.shape, type: $0.type)
        }
        let isPlanned = recipe.converter == Converters.usual(for: .folder).name
        let shards = try MLXShards(
            tensors,
            byteCount: shardByteCount,
            plannedByteCount: isPlanned ? recipe.size.bytes : nil
        )
        let companions = try companions(
            in: folder,
            to: shards,
            configuration,
            quantization: target.quantization,
            parameters: model.parameters
        )
        let parts = zip(model.tensors.indices, target.sources).map { index, source in
            Part(
                tensor: model.tensors[index],
                format: source.format,
                isPlanned: source.isPlanned,
                source: index,
                rowLength: model.tensors[index].rowLength,
                places: source.places.map {
                    Part.Place(offset: shards.offsets[$0.tensor] + $0.offset, rowByteCount: $0.rowByteCount)
                },
                scaleOffset: nil
            )
        }
        return ModelDraft(parts: parts, files: shards.files, companions: companions)
    }

    /// The files of a folder besides those of tensors: the configuration, the index, and those of the model's folder as they are.
    private static func companions(
        in folder: String,
        to shards: MLXShards,
        _ configuration: NetworkConfiguration,
        quantization: JSONValue?,
        parameters: Int
    ) throws(ConversionError) -> [CompanionFile] {
        let own = Set(shards.files.map(\.name) + [NetworkConfiguration.name, FinishedFolder.indexName])
        var companions = try ModelFolder.companions(in: folder).filter { !own.contains($0.name) }
        do throws(JSONWritingError) {
            companions.append(
                CompanionFile(
                    name: NetworkConfiguration.name,
                    content: .bytes(try configuration.bytes(quantization: quantization))
                )
            )
            let index = try FinishedFolder.index(
                of: shards.fileNames,
                names: shards.files.map(\.name) + companions.map(\.name),
                byteCount: shards.tensorByteCount,
                parameters: parameters
            )
            companions.append(CompanionFile(name: FinishedFolder.indexName, content: .bytes(index)))
        } catch {
            throw .checkpoint(.unwritableHeader(reason: error.description))
        }
        return companions
    }

    /// The names of the folders in a model's folder, which stay behind with all that is in them; hidden ones are not named.
    ///
    /// - Parameter model: The model.
    /// - Returns: The names, in order; none for a model that was read from no file.
    /// - Throws: ``ConversionError/unreadableCompanion(path:reason:)``.
    public static func foldersLeft(of model: Model) throws(ConversionError) -> [String] {
        guard let first = model.files.first else { return [] }
        return try ModelFolder.folders(in: FilePath(first.path).folderPath)
    }

    /// Checks that a model is in a folder of which one for MLX can be made, whatever the recipe.
    ///
    /// - Throws: ``ConversionError``.
    public static func checkFolder(of model: Model) throws(ConversionError) {
        _ = try source(of: model)
    }

    /// The folder that a model is in, and what it says of the network.
    private static func source(
        of model: Model
    ) throws(ConversionError) -> (folder: String, configuration: NetworkConfiguration) {
        guard let first = model.files.first else { throw .checkpoint(.noWeights(model: model.name)) }
        guard model.kind == .safetensors else { throw .noFolder(model: model.name) }
        let folder = FilePath(first.path).folderPath
        return (folder, try NetworkConfiguration(ofFolder: folder))
    }

    /// The architectures of which `mlx_lm` stacks the experts under another name than `switch_mlp`, and takes them stacked under no
    /// name: it looks for the experts one by one, or for the stack in their own place.
    ///
    /// Source: `sanitize` of `mlx_lm.models` 0.32.
    private static let otherStacks: Set = ["afmoe", "dots1", "Klear", "deepseek_v41"]

    /// Refuses what `mlx_lm` would not load.
    private static func check(
        _ target: MLXTarget,
        of model: Model,
        _ configuration: NetworkConfiguration
    ) throws(ConversionError) {
        if let architecture = configuration.architecture, otherStacks.contains(architecture),
            let stack = target.tensors.first(where: { $0.name.contains(".switch_mlp.") })
        {
            throw .notLoadable(
                tensor: stack.name,
                reason:
                    "it stacks the experts of \(architecture) under another name; quantize the model with mlx_lm.convert"
            )
        }
        // What is thrown away is the weight alone, which leaves its scales.
        let output = "lm_head.weight"
        guard configuration.tiesOutput,
            let index = model.tensors.firstIndex(where: {
                $0.name == output || $0.name.hasSuffix("." + output)
            }),
            target.sources[index].places.count > 1
        else { return }
        throw .notLoadable(
            tensor: model.tensors[index].name,
            reason: """
                config.json ties the output to the embeddings (tie_word_embeddings), so that it is not looked for; leave it out of \
                the plan, which keeps it as it is
                """
        )
    }
}
