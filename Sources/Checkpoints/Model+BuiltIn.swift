import Tensors

extension Model {
    /// The names of the models that are part of the program, for which no file is needed.
    public static let builtInNames = [
        "flux1-dev", "flux1-schnell", "llama-3.1-8b", "llama-3.1-70b", "qwen3-30b-a3b", "qwen3-235b-a22b",
    ]

    /// Gives a model that is part of the program; only the inventory that is asked for is read.
    ///
    /// - Throws: ``CheckpointError/unknownModel(_:known:)`` for any name that is not in ``builtInNames``.
    public static func builtIn(named name: String) throws(CheckpointError) -> Model {
        let inventory: [UInt8]
        switch name {
        case "flux1-dev": inventory = PackageResources.flux1_dev_tensors_json
        case "flux1-schnell": inventory = PackageResources.flux1_schnell_tensors_json
        case "llama-3.1-8b": inventory = PackageResources.llama_3_1_8b_tensors_json
        case "llama-3.1-70b": inventory = PackageResources.llama_3_1_70b_tensors_json
        case "qwen3-30b-a3b": inventory = PackageResources.qwen3_30b_a3b_tensors_json
        case "qwen3-235b-a22b": inventory = PackageResources.qwen3_235b_a22b_tensors_json
        default: throw .unknownModel(name, known: builtInNames)
        }
        return try InventoryReader.read(inventory, from: name)
    }
}
