public import Checkpoints
public import Recipes
public import Tensors

extension RecipeSizes {
    /// What a recipe says of the finished file's header and padding, and what they take if it is made from a model.
    ///
    /// The metadata of a model, such as a longer name, are part of what a converter copies, so that a fine-tune's file may
    /// have another size although its tensors have the same.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - model: The model that the file is made from.
    ///   - unconverted: The layout of the file where the recipe has no converter.
    /// - Returns: Both in bytes, or nil where they agree or are not known to the byte.
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    public static func headerDifference(
        _ recipe: Recipe,
        of model: Model,
        unconverted: FileLayout
    ) throws(CheckpointError) -> (planned: Int, found: Int)? {
        guard recipe.size.exact == .file else { return nil }
        let layout: FileLayout
        if let name = recipe.converter {
            guard let named = try? Converters.named(name) else { return nil }
            let converter = named.adapted(to: model, importance: recipe.knownImportance)
            let recording = recipe.recorded.countsRecord ? converter.recording() : converter
            let maker = recipe.recorded.keepsSplit ? recording.keepingSplit() : recording
            guard case let file = try maker.finishedFile(for: model, formats: recipe.madeFormats(of: model)),
                file.accuracy == .exact
            else { return nil }
            layout = file.layout
        } else {
            layout = unconverted
        }
        var formats: [String: String] = [:]
        for layer in recipe.layers {
            for tensor in layer.tensors { formats[tensor] = layer.format }
        }
        for kept in recipe.kept { formats[kept.tensor] = kept.format }
        var found = layout.headerBytes
        for tensor in model.tensors {
            guard let name = formats[tensor.name], let format = QuantizationFormat(named: name),
                let bytes = format.byteCount(of: tensor)
            else { return nil }
            found += layout.paddedByteCount(bytes) - bytes
        }
        let planned = recipe.size.headerAndAlignment
        return planned == found ? nil : (planned, found)
    }
}
