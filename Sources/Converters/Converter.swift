public import Checkpoints
public import Recipes
public import Runtimes
public import Tensors

/// A program that quantizes a model, and how a recipe is written so that it quantizes exactly as planned.
///
/// A converter is one type in one file, and one line in ``Converters/all``. It says what the program accepts, which
/// binds a plan before it is made, and writes a recipe whose formats, names and ties have been checked:
/// ``files(for:model:)`` checks, ``write(_:)`` writes. What it writes names every tensor exactly, so that it means the
/// same whether the program takes its first or its last match, and it is read back before it is handed out.
public protocol Converter: Sendable {
    /// The name by which the command line knows the converter.
    var name: String { get }
    /// What the converter makes of which model, in one line.
    var summary: String { get }
    /// A name for the file that is written, where the user gives none.
    var fileName: String { get }
    /// The formats that the converter accepts for planned tensors, with its own spelling of them.
    var formats: [ConverterFormat] { get }
    /// How finely the converter distinguishes.
    var granularity: ConverterGranularity { get }
    /// How well a recipe's `size.bytes` foretells the size of what the converter makes, at best.
    var sizeAccuracy: SizeAccuracy { get }
    /// What the converter never quantizes, in a few words.
    var exclusions: String { get }
    /// What this program writes by a recipe for the converter, or nil where it writes nothing.
    var container: ModelContainer? { get }
    /// The programs that load what the converter makes.
    var runtimes: [TargetRuntime] { get }
    /// Whether the file that this program writes by a recipe has the size that was planned, with blanks behind its header.
    var fillsToPlannedSize: Bool { get }
    /// Whether the file that this program writes by a recipe has the model's own 8-bit floats as they stand, with their scale, where the
    /// recipe plans that format for them; see `Model.storedFloats`.
    var copiesStoredFloats: Bool { get }
    /// Whether a GGUF model of several files may stay split, see ``keepingSplit()``.
    var canKeepSplit: Bool { get }
    /// Whether the converter makes a file of the diffusion model alone: without the rest where a checkpoint holds a whole pipeline, and
    /// without the state of its training.
    var takesPartOfPipeline: Bool { get }

    /// The program that a file of a model is most likely for, where none is named; nil where none is likelier than others.
    func usualRuntime(for model: Model) -> TargetRuntime?

    /// The converter as it treats one model, for converters that treat models of several kinds.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - importance: What is known of the importance matrix that the file will be made with.
    /// - Returns: The converter, which is the same for most.
    func adapted(to model: Model, importance: ConverterImportance) -> any Converter

    /// The converter as it makes files that record their recipe's digest, which is the same for those that never do.
    func recording() -> any Converter

    /// The converter as it leaves a model of several files split, which is the same for those that never do.
    func keepingSplit() -> any Converter

    /// Whether the converter leaves a tensor as it is, whatever it is told.
    func neverQuantizes(_ tensor: TensorInfo) -> Bool

    /// The format in which a tensor that is not planned ends, or nil where the recipe decides.
    ///
    /// A tensor whose type in the source is not known is taken to be BF16 there.
    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat?

    /// The format in which a planned tensor loses nothing, or nil where the converter has none.
    ///
    /// - Parameter type: The type of the tensor in the source.
    /// - Returns: That type, or the smallest that holds it.
    func stayingFormat(of type: QuantizationFormat) -> QuantizationFormat?

    /// What a layer shares with all layers that must take the same format as it does.
    ///
    /// - Parameter name: The name of a layer, or of a tensor.
    /// - Returns: The key, which is the name itself where no other layer has to agree.
    func tieKey(forLayer name: String) -> String

    /// The names of the tensors that the converter makes a file without.
    func leftOut(of model: Model) -> Set<String>

    /// Whether the converter adds a tensor of this name that belongs to the whole file and to no weight.
    func isMarker(_ name: String) -> Bool

    /// How a finished file holds planned weights of a format, with what stands beside them.
    func storage(of format: QuantizationFormat) -> WeightStorage

    /// What a finished file lists of its modules' formats, or nil where the converter's files have no such list.
    func listing(in file: Model) -> ModuleListing?

    /// Whether the converter casts a tensor, such as a bias, to the format of the layer that it stands in, although a
    /// grouping may keep it.
    func castsWithLayer(_ tensor: TensorInfo) -> Bool

    /// Refuses a model that the converter cannot serve, whatever is planned for it.
    ///
    /// - Throws: `RecipeError.unsafeName(tensor:character:converter:)` for a name that no rule can hold, and
    ///   `RecipeError.wrongModel(tensor:converter:expected:)`, `RecipeError.lacksBlock(_:converter:expected:)` and
    ///   `RecipeError.otherNames(tensor:converter:wanted:)` for another model than the converter reads, and
    ///   `RecipeError.cannotTake(tensor:reason:converter:)` for a tensor that it cannot read or write.
    func check(_ tensors: [TensorInfo]) throws(RecipeError)

    /// What the finished file holds besides tensor data, and how well that is known.
    ///
    /// - Parameters:
    ///   - model: The model as it comes.
    ///   - formats: The formats that a plan may give to its layers.
    /// - Returns: The file's layout and what of it is exact.
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile

    /// The GGUF file that the converter makes of a model, where it has other metadata or other names than this program's own: then this
    /// program writes that one by the converter's recipes, so that it has the planned size; nil where its own has.
    func ggufTarget(for model: Model) -> GGUFTarget?

    /// Whether the converter's encoders take an importance of 1 for every input, with which they search in another way than with
    /// none.
    var countsInputsAlike: Bool { get }

    /// Writes a recipe that has been checked against this converter.
    ///
    /// - Throws: `RecipeError` for what only the writer can find, such as a name that cannot be written.
    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile]

    /// Why the converter makes no finished file of a model, so that there is no command to give; nil where it does.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that was written.
    ///   - source: What is known of the model's files.
    /// - Returns: Sentences.
    func obstacle(to recipe: Recipe, source: SourceFiles) -> String?

    /// How to use what was written, with the exact command.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that was written.
    ///   - file: The path it was written to.
    ///   - source: What is known of the model's files, which are no ``obstacle(to:source:)``.
    /// - Returns: Lines of text.
    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String
}

extension Converter {
    /// The recipe in the converter's own language, usually one file.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - model: The tensors of the model that the recipe is for, in the model's order.
    /// - Returns: The files, which are the same to the byte for the same recipe.
    /// - Throws: `RecipeError` where the converter does not do what the recipe says, see ``CheckedRecipe``, or cannot serve the
    ///   model, see ``check(_:)``.
    public func files(for recipe: Recipe, model: [TensorInfo]) throws(RecipeError) -> [ConverterFile] {
        let checked = try CheckedRecipe(recipe, model: model, for: self)
        try check(model)
        return try write(checked)
    }

    /// Whether the converter can make a planned tensor of this format.
    public func accepts(_ format: QuantizationFormat) -> Bool {
        formats.contains { $0.format == format }
    }

    /// Whether the converter leaves planned tensors of this format as they are in the source.
    func isUntouched(_ format: QuantizationFormat) -> Bool {
        formats.first { $0.format == format }?.isUntouched ?? true
    }

    /// Formats without those floats whose form with a scale is among them and is what the converter writes.
    ///
    /// - Parameter formats: Formats that the converter accepts.
    /// - Returns: One format for each thing that it makes.
    public func withoutUnscaledTwins(_ formats: [QuantizationFormat]) -> [QuantizationFormat] {
        let scaled = formats.filter { $0.isScaled && accepts($0) }.map(\.elementFormat)
        return formats.filter { !scaled.contains($0) }
    }

    /// The 8-bit floats among some formats that are measured without a scale, where the converter stores one with every weight.
    public func storedWithScales(_ formats: [QuantizationFormat]) -> [QuantizationFormat] {
        let stored = self.formats.map(\.format).filter(\.isScaled).map(\.elementFormat)
        return formats.filter { !$0.isScaled && stored.contains($0) }
    }

    /// The converter's own spelling of a format, or nil if it does not accept it.
    public func spelling(of format: QuantizationFormat) -> String? {
        formats.first { $0.format == format }?.spelling
    }

    /// How to use what was written: the exact command, or why there is none.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that was written.
    ///   - file: The path it was written to.
    ///   - source: What is known of the model's files.
    /// - Returns: Lines of text.
    public func usage(of recipe: Recipe, file: String, source: SourceFiles = .unknown) -> String {
        obstacle(to: recipe, source: source) ?? command(for: recipe, file: file, source: source)
    }

    /// By default this program writes nothing by its recipes.
    public var container: ModelContainer? { nil }

    /// By default no program is known to load what it makes.
    public var runtimes: [TargetRuntime] { [] }

    /// By default a file is as large as what it holds.
    public var fillsToPlannedSize: Bool { false }

    /// By default everything is cast.
    public var copiesStoredFloats: Bool { false }

    /// By default a model of several files becomes one.
    public var canKeepSplit: Bool { false }

    /// By default a model is taken whole.
    public var takesPartOfPipeline: Bool { false }

    /// By default no program is likelier than others.
    public func usualRuntime(for model: Model) -> TargetRuntime? { nil }

    /// By default all models are treated alike.
    public func adapted(to model: Model, importance: ConverterImportance) -> any Converter { self }

    /// By default no file records its recipe.
    public func recording() -> any Converter { self }

    /// By default the files of a model are merged, or the converter is told otherwise by its user.
    public func keepingSplit() -> any Converter { self }

    /// By default this program's own file has the size that is planned.
    public func ggufTarget(for model: Model) -> GGUFTarget? { nil }

    /// By default encoders look at an importance matrix, or at nothing.
    public var countsInputsAlike: Bool { false }

    /// By default there is none.
    public func obstacle(to recipe: Recipe, source: SourceFiles) -> String? { nil }

    /// By default every tensor is in the file.
    public func leftOut(of model: Model) -> Set<String> { [] }

    /// Nothing is added by default.
    public func isMarker(_ name: String) -> Bool { false }

    /// By default a tensor of the format alone.
    public func storage(of format: QuantizationFormat) -> WeightStorage { .plain(format.name) }

    /// By default there is no list.
    public func listing(in file: Model) -> ModuleListing? { nil }

    /// The source's own type by default, if the converter accepts it.
    public func stayingFormat(of type: QuantizationFormat) -> QuantizationFormat? {
        accepts(type) ? type : nil
    }

    /// By default only what is planned is cast.
    public func castsWithLayer(_ tensor: TensorInfo) -> Bool { false }

    /// By default any model will do.
    public func check(_ tensors: [TensorInfo]) throws(RecipeError) {}

    /// The name itself: by default no two layers need to agree.
    public func tieKey(forLayer name: String) -> String {
        name
    }
}
