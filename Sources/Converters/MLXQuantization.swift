import Checkpoints
import Foundation
import Recipes
import Runtimes
import Tensors
import Text

/// The `quantization` dictionary of an MLX model's `config.json`.
///
/// ```json
/// {"group_size": 64, "bits": 4, "mode": "affine",
///  "model.layers.0.mlp.down_proj": {"group_size": 64, "bits": 6, "mode": "affine"},
///  "model.layers.0.mlp.gate": false}
/// ```
///
/// The keys are the modules' exact paths, without `.weight`; every module with a 2-D weight is listed, so that nothing is left
/// to the global values. Those are a setting that the plan uses: `mlx_lm` leaves every module unquantized whose rows the
/// *global* group does not divide, whatever the module's own entry says. Experts are stacked into one module when a model
/// is loaded, `mlp.experts.N.up_proj` into `mlp.switch_mlp.up_proj`, so all experts of a layer take one setting.
struct MLXQuantization: Converter {
    let name = "mlx"
    let summary = "the quantization dictionary of an MLX model's config.json, for mlx_lm.convert"
    let fileName = "quantization.json"
    let formats =
        QuantizationFormat.mlx.map { ConverterFormat($0, spelling: Setting($0).spelling) } + [
            ConverterFormat(.bf16, spelling: "false", isUntouched: true),
            ConverterFormat(.f16, spelling: "false", isUntouched: true),
            ConverterFormat(.f32, spelling: "false", isUntouched: true),
        ]
    let granularity = ConverterGranularity.module
    let sizeAccuracy = SizeAccuracy.tensorData
    let exclusions = "all but the 2-D weights of linear and embedding modules"
    let container: ModelContainer? = .folder
    let runtimes: [TargetRuntime] = [.mlx]
    let fillsToPlannedSize = true

    /// What one module is quantized to.
    struct Setting: Hashable {
        var groupSize: Int
        var bits: Int
        var mode: String

        init(_ format: QuantizationFormat) {
            groupSize = format.blockElements
            switch format.name {
            case "MLX_MXFP4": (bits, mode) = (4, "mxfp4")
            case "MLX_NVFP4": (bits, mode) = (4, "nvfp4")
            case "MLX_MXFP8": (bits, mode) = (8, "mxfp8")
            default: (bits, mode) = ((format.blockBytes - 4) * 8 / format.blockElements, "affine")
            }
        }

        var spelling: String { "\(mode) \(bits) bits, group \(groupSize)" }

        var members: [JSONValue.Member] {
            [
                .init(key: "group_size", value: .integer(groupSize)),
                .init(key: "bits", value: .integer(bits)),
                .init(key: "mode", value: .string(mode)),
            ]
        }
    }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        if let tensor = tensors.first(where: { SourceNames.isFromGGUF($0.name) }) {
            throw .otherNames(
                tensor: tensor.name,
                converter: name,
                wanted: "the safetensors of this model from Hugging Face, which mlx_lm.convert reads"
            )
        }
    }

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        LinearModule.others.contains(tensor)
    }

    /// Packed words, with scales beside them and in mode `affine` biases too.
    ///
    /// Source: `mlx.core.quantize`.
    func storage(of format: QuantizationFormat) -> WeightStorage {
        guard QuantizationFormat.mlx.contains(format) else { return .plain(format.name) }
        let setting = Setting(format)
        func perGroup(_ ending: String, _ types: [String]) -> WeightStorage.Companion {
            .init(ending: ending, types: types, extent: .perGroup, isRequired: true)
        }
        let floats = ["BF16", "F16"]
        return WeightStorage(
            type: "U32",
            packing: .init(bits: setting.bits, group: setting.groupSize),
            companions: setting.mode == "affine"
                ? [perGroup(".scales", floats), perGroup(".biases", floats)] : [perGroup(".scales", ["U8"])]
        )
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) -> FinishedFile {
        FinishedFile(
            // The scales' and biases' data are part of the formats' sizes.
            SafetensorsOverhead.layout(
                for: model,
                additions: [.init(ending: ".scales"), .init(ending: ".biases")],
                shardByteCount: MLXTarget.shardByteCount
            ),
            knownTo: .tensorData,
            because: "the headers of mlx_lm.convert are shorter",
            isFilled: fillsToPlannedSize
        )
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        tensor.elementType ?? .bf16
    }

    func tieKey(forLayer name: String) -> String {
        Self.stacked(name)
    }

    /// The name after the experts of a layer were stacked: `experts.17` becomes `switch_mlp`.
    static func stacked(_ name: String) -> String {
        expert(name)?.stack ?? name
    }

    /// What stacked modules are called that some models number, as `mlx_lm.models.mixtral` renames them.
    private static let projections: [Substring: Substring] = [
        "w1": "gate_proj", "w2": "down_proj", "w3": "up_proj",
    ]

    /// The stack that a tensor of one expert goes to and the expert's number, or nil for a tensor of none.
    static func expert(_ name: String) -> (stack: String, number: Int)? {
        var parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let place = parts.firstIndex(of: "experts"), place + 1 < parts.count,
            parts[place + 1].allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(parts[place + 1])
        else { return nil }
        parts.replaceSubrange(place...place + 1, with: ["switch_mlp"])
        if place + 1 < parts.count { parts[place + 1] = projections[parts[place + 1]] ?? parts[place + 1] }
        return (parts.joined(separator: "."), number)
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        let members = try dictionary(of: recipe, isConverted: true)
        return [
            ConverterFile(name: fileName, text: try JSONValue.object(members).converterText(), mark: .names)
        ]
    }

    /// The dictionary: global values, then an entry for every module.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - isConverted: Whether `mlx_lm.convert` quantizes by it, for which the global group must divide every quantized row;
    ///     what is only loaded has no such limit.
    /// - Returns: The members; no global ones where nothing is quantized.
    /// - Throws: `RecipeError.formatDoesNotFit(tensor:format:rowLength:)` where no group of the plan is such a one.
    func dictionary(
        of recipe: CheckedRecipe,
        isConverted: Bool
    ) throws(RecipeError) -> [JSONValue.Member] {
        var modules: [(name: String, setting: Setting?)] = []
        var seen: Set<String> = []
        var rows: [String: Int] = [:]
        var uses: [Setting: Int] = [:]
        for assignment in recipe.assignments {
            guard let module = LinearModule(assignment.tensor) else { continue }
            let name = Self.stacked(module.name)
            guard seen.insert(name).inserted else { continue }
            let setting = Self.setting(of: assignment)
            modules.append((name, setting))
            if let setting {
                uses[setting, default: 0] += 1
                rows[name] = assignment.tensor.rowLength
            }
        }
        // Of the settings that may be the global one, the most used is taken.
        let order = uses.sorted {
            ($1.value, $0.key.groupSize, $0.key.bits, $0.key.mode)
                < ($0.value, $1.key.groupSize, $1.key.bits, $1.key.mode)
        }.map(\.key)
        let global = order.first { setting in
            !isConverted || rows.values.allSatisfy { $0 % setting.groupSize == 0 }
        }
        guard uses.isEmpty || global != nil else {
            throw .formatDoesNotFit(
                tensor: rows.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? "",
                format: "every group size of the plan, one of which has to be the model's global one",
                rowLength: rows.values.min() ?? 0
            )
        }
        return (global?.members ?? [])
            + modules.map { module in
                .init(
                    key: module.name,
                    value: module.setting.map { .object($0.members) } ?? .boolean(false)
                )
            }
    }

    /// What a tensor is quantized to, or nil where it stays as it is.
    static func setting(of assignment: CheckedRecipe.Assignment) -> Setting? {
        assignment.layer != nil && QuantizationFormat.mlx.contains(assignment.format)
            ? Setting(assignment.format) : nil
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        let quantizes = recipe.layers.contains {
            QuantizationFormat(named: $0.format).map(QuantizationFormat.mlx.contains) ?? false
        }
        guard quantizes else { return "The plan quantizes nothing: use the model as it is." }
        return source.scaledFloats(for: "mlx_lm.convert")
    }

    /// Without `q_mode`, the modules would be quantized in mode `affine` where their own entries say nothing else, and `config.json`
    /// would say so of the model.
    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let path = source.path(["safetensors"])
        let folder = path.map { FilePath($0).folderPath } ?? model
        return """
            In Python:
            import json, mlx_lm
            plan = json.load(open(\(PythonText.literal(file))))
            mlx_lm.convert(\(PythonText.literal(folder)), mlx_path=\(PythonText.literal("\(model)-mixed")), quantize=True, \
            q_group_size=plan["group_size"], q_bits=plan["bits"], q_mode=plan["mode"], \
            quant_predicate=lambda path, module: plan.get(path, False))
            """ + (path == nil ? "\n\(folder) stands for the model's folder." : "")
    }
}
