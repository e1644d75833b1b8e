public import Checkpoints
public import Tensors

/// The GGUF file that this program itself writes of a model, but for the tensors' formats: names, shapes, order, metadata.
///
/// Of a GGUF file it keeps what `llama-quantize` keeps, in the order in which it writes it: every metadata entry, with
/// `general.quantization_version`, `general.file_type` and what is said of an importance matrix at the end and without
/// `split.*`; the tensors outside blocks first, then the blocks, each by the bytes of the names. Of a diffusion model in
/// safetensors it writes what ComfyUI-GGUF's loader reads.
public struct GGUFTarget: Hashable, Sendable {
    /// A tensor of the file.
    public struct Tensor: Hashable, Sendable {
        /// The tensor's position in the model.
        public let source: Int
        /// The tensor as the file has it, still in the model's type.
        public let info: TensorInfo
    }

    /// The kind of diffusion model, or nil for any other.
    package let architecture: ImageArchitecture?
    /// The tensors, in the file's order.
    public let tensors: [Tensor]
    /// The entries besides the model's own that say how tensors were shaped.
    private let shapeEntries: [GGUFMetadata]
    /// All entries of a file as another converter writes it, where it is one.
    private let otherEntries: [GGUFMetadata]?

    /// The kinds of diffusion models that are known, as `general.architecture` names them.
    public static let architectureNames = ImageArchitecture.all.map(\.name)

    /// The version of the formats, `GGML_QNT_VERSION` of ggml's `ggml.h`.
    private static let quantizationVersion: UInt32 = 2
    /// What a checkpoint may have in front of the names of the diffusion model's tensors.
    static let prefixes = ["model.diffusion_model.", "diffusion_model.", "model.", "net."]

    /// The file as another converter writes it: the tensors in the model's order, and nothing of the model's metadata.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - entries: All metadata that the converter writes.
    ///   - info: The tensors as it writes them, still in the model's type.
    init(of model: Model, entries: [GGUFMetadata], info: (TensorInfo) -> TensorInfo) {
        architecture = nil
        shapeEntries = []
        otherEntries = entries
        tensors = model.tensors.enumerated().map { Tensor(source: $0, info: info($1)) }
    }

    /// Finds out what file is made of a model; nil for safetensors that are no diffusion model that is known, and for a list
    /// of tensors that says nothing of the metadata.
    public init?(for model: Model) {
        otherEntries = nil
        if model.kind == .gguf {
            architecture = ImageArchitecture.named(model.architecture)
            shapeEntries = []
            let isImage = architecture != nil
            let places = model.tensors.map { LlamaTensorPlace($0.name) }
            let order = model.tensors.indices.sorted { places[$0].isBefore(places[$1]) }
            tensors = order.map { index in
                let tensor = model.tensors[index]
                // Loaders of diffusion models compare all dimensions.
                return Tensor(source: index, info: isImage ? tensor : tensor.asLlamaStores)
            }
            return
        }
        guard let (architecture, names) = Self.detected(model) else { return nil }
        self.architecture = architecture
        var tensors: [Tensor] = []
        var shapeEntries: [GGUFMetadata] = []
        for (index, (tensor, name)) in zip(model.tensors, names).enumerated()
        where !architecture.leavesOut(name) {
            let shape = architecture.shape(of: tensor)
            guard let info = try? TensorInfo(name: name, shape: shape, elementType: tensor.elementType) else {
                return nil
            }
            tensors.append(Tensor(source: index, info: info))
            if shape != tensor.shape {
                shapeEntries.append(
                    GGUFMetadata(
                        "comfy.gguf.orig_shape.\(name)",
                        .int32Array(tensor.shape.map { Int32(clamping: $0) })
                    )
                )
            }
        }
        self.tensors = tensors
        self.shapeEntries = shapeEntries
    }

    /// The kind of a diffusion model that is no GGUF file yet, and the names of its tensors without what stands in front of them; nil
    /// for another model.
    static func detected(_ model: Model) -> (architecture: ImageArchitecture, names: [String])? {
        let prefix = Self.prefix(of: model.tensors)
        let names = model.tensors.map { String($0.name.dropFirst(prefix.count)) }
        return ImageArchitecture.detected(in: Set(names)).map { ($0, names) }
    }

    /// What stands in front of the names of all tensors, or nothing.
    private static func prefix(of tensors: [TensorInfo]) -> String {
        prefixes.first { prefix in
            tensors.allSatisfy { $0.name.hasPrefix(prefix) && $0.name.count > prefix.count }
        } ?? ""
    }

    /// The layout of the file, from which its size in any plan follows.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - importance: What is said of an importance matrix, or nil where none is used.
    ///   - record: What is said of the recipe, or nil where nothing is.
    /// - Returns: The header and the padding.
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    func layout(
        of model: Model,
        importance: ImportanceRecord?,
        record: RecipeRecord?
    ) throws(CheckpointError) -> FileLayout {
        let own = ["general.quantization_version", "general.file_type"].map { GGUFMetadata($0, .uint32(0)) }
        let added = own + shapeEntries + (importance?.entries ?? []) + (record.map { [$0.entry] } ?? [])
        // What a model's own file says of its recipe is not true of what is made of it.
        let replaced = Set(added.map(\.key)).union([RecipeRecord.key])
        let first: [GGUFMetadata] =
            model.kind == .gguf
            ? model.metadata.filter { !replaced.contains($0.key) }
            : [GGUFMetadata("general.architecture", .string(architecture?.name ?? ""))]
        return try GGUFHeader(metadata: first + added).layout(for: tensors.map(\.info))
    }

    /// The file with a format for each tensor.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - formats: The formats, in the order of ``tensors``.
    ///   - fileType: The number of `general.file_type`.
    ///   - importance: What is said of an importance matrix, or nil where none is used.
    ///   - record: What is said of the recipe, or nil where nothing is.
    /// - Returns: The file's header to the byte, and where its data go.
    /// - Throws: `CheckpointError`.
    public func draft(
        of model: Model,
        formats: [QuantizationFormat],
        fileType: UInt32,
        importance: ImportanceRecord?,
        record: RecipeRecord? = nil
    ) throws(CheckpointError) -> GGUFDraft {
        try GGUFDraft(
            entries: entries(of: model, fileType: fileType, importance: importance, record: record),
            tensors: zip(tensors, formats).map { tensor, format in tensor.info.stored(as: format) }
        )
    }

    /// The files of a model that stays split as its own files are, as `llama-quantize --keep-split` writes them: the tensors in the
    /// order of the model's data, the metadata in the first file, and in each file which it is.
    ///
    /// - Parameters:
    ///   - model: The model, of several GGUF files.
    ///   - formats: The formats, in the order of ``tensors``.
    ///   - fileType: The number of `general.file_type`.
    ///   - importance: What is said of an importance matrix, or nil where none is used.
    ///   - record: What is said of the recipe, or nil where nothing is.
    /// - Returns: The files, each with the positions of its tensors in ``tensors``.
    /// - Throws: `CheckpointError`.
    public func splitDrafts(
        of model: Model,
        formats: [QuantizationFormat],
        fileType: UInt32,
        importance: ImportanceRecord?,
        record: RecipeRecord?
    ) throws(CheckpointError) -> [(draft: GGUFDraft, tensors: [Int])] {
        let whole = try entries(of: model, fileType: fileType, importance: importance, record: record)
        var files: [(draft: GGUFDraft, tensors: [Int])] = []
        for file in model.files.indices {
            let positions = tensors.indices.filter { model.locations[tensors[$0].source].file == file }
                .sorted {
                    model.locations[tensors[$0].source].offset < model.locations[tensors[$1].source].offset
                }
            let split = [
                GGUFMetadata("split.no", .uint16(UInt16(clamping: file))),
                GGUFMetadata("split.count", .uint16(UInt16(clamping: model.files.count))),
                GGUFMetadata("split.tensors.count", .int32(Int32(clamping: tensors.count))),
            ]
            let draft = try GGUFDraft(
                entries: (file == 0 ? whole : []) + split.compactMap { GGUFEntry($0) },
                tensors: positions.map { tensors[$0].info.stored(as: formats[$0]) }
            )
            files.append((draft, positions))
        }
        return files
    }

    /// The layout of all files of a model that stays split together, from which their size in any plan follows.
    ///
    /// - Parameters: As those of ``layout(of:importance:record:)``.
    /// - Returns: The headers and the padding.
    /// - Throws: `CheckpointError`.
    func splitLayout(
        of model: Model,
        importance: ImportanceRecord?,
        record: RecipeRecord?
    ) throws(CheckpointError) -> FileLayout {
        let files = try splitDrafts(
            of: model,
            formats: tensors.map { $0.info.elementType ?? .f32 },
            fileType: 0,
            importance: importance,
            record: record
        )
        return FileLayout(
            validHeaderBytes: files.reduce(0) { $0 + $1.draft.headerByteCount },
            alignment: files.first?.draft.alignment ?? 32
        )
    }

    /// The metadata of the file.
    private func entries(
        of model: Model,
        fileType: UInt32,
        importance: ImportanceRecord?,
        record: RecipeRecord?
    ) throws(CheckpointError) -> [GGUFEntry] {
        // What another converter writes says nothing of an importance matrix.
        if let otherEntries {
            return (otherEntries + (record.map { [$0.entry] } ?? [])).compactMap { GGUFEntry($0) }
        }
        let added =
            [
                GGUFMetadata("general.quantization_version", .uint32(Self.quantizationVersion)),
                GGUFMetadata("general.file_type", .uint32(fileType)),
            ] + shapeEntries + (importance?.entries ?? []) + (record.map { [$0.entry] } ?? [])
        let replaced = Set(added.map(\.key)).union([RecipeRecord.key])
        var entries: [GGUFEntry]
        if model.kind == .gguf {
            entries = try model.ggufEntries().filter {
                !replaced.contains($0.key) && !$0.key.hasPrefix("split.")
            }
        } else {
            entries = [
                GGUFEntry(GGUFMetadata("general.architecture", .string(architecture?.name ?? "")))
            ].compactMap(\.self)
        }
        entries += added.compactMap { GGUFEntry($0) }
        return entries
    }
}

extension TensorInfo {
    /// The tensor in another type.
    fileprivate func stored(as type: QuantizationFormat) -> TensorInfo {
        (try? TensorInfo(name: name, shape: shape, elementType: type)) ?? self
    }

    /// The tensor as llama.cpp writes it: without outer dimensions of one element.
    ///
    /// It reads at most four, so tensors of more stay as they are.
    fileprivate var asLlamaStores: TensorInfo {
        dimensionCount > 4 ? self : asGGMLStores
    }
}
