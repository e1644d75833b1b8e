import Checkpoints
public import Tensors

/// What a converter's finished file holds besides tensor data, and how well that is known before it is written.
public struct FinishedFile: Hashable, Sendable {
    /// The header and the padding; where they are not known to the byte, from above.
    public let layout: FileLayout
    /// What of the file's size is known to the byte.
    public let accuracy: SizeAccuracy
    /// Why the rest is not, in a clause; nil where all of it is.
    public let uncertainty: String?
    /// Whether this program, where it writes the file, gives it exactly the size that is counted here.
    public let isFilled: Bool

    /// A file whose planned layers have sizes that were measured with their impacts, as exllamav2's have.
    public static let ofMeasuredSizes = FinishedFile(
        .unpadded,
        knownTo: .approximate,
        because:
            "the program that quantizes the model adds headers, and may store tensors outside the table otherwise"
    )

    /// A file that is known to the byte.
    init(exact layout: FileLayout) {
        self.layout = layout
        accuracy = .exact
        uncertainty = nil
        isFilled = false
    }

    /// A file of which some is not known to the byte.
    init(
        _ layout: FileLayout,
        knownTo accuracy: SizeAccuracy,
        because uncertainty: String,
        isFilled: Bool = false
    ) {
        self.layout = layout
        self.accuracy = accuracy
        self.uncertainty = uncertainty
        self.isFilled = isFilled
    }

    /// The key of the alignment, which llama.cpp's programs copy and do not keep to.
    static let alignmentKey = "general.alignment"

    /// The bytes of the entry that says the alignment, 0 without one.
    static func alignmentBytes(of metadata: [GGUFMetadata]) -> Int {
        metadata.filter { $0.key == alignmentKey }
            .reduce(0) { $0 + 8 + $1.key.utf8.count + 4 + $1.value.byteCount }
    }

    /// A GGUF file that keeps the metadata of the model it is made from, as `llama-quantize` and its relatives write it.
    ///
    /// They copy every entry but `split.*`, and set `general.quantization_version` and `general.file_type`, each a
    /// `uint32`; with an importance matrix they add what it was made from, see ``ImportanceRecord``. ggml does not count
    /// outer dimensions of one element.
    ///
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    static func copyingMetadata(
        of model: Model,
        formats: [QuantizationFormat],
        matrix: MatrixRecord
    ) throws(CheckpointError) -> FinishedFile {
        guard model.kind == .gguf else {
            return FinishedFile(
                GGUFHeader.flux().layout(for: model.tensors),
                knownTo: .tensorData,
                because: "the converter copies metadata that are not in this model's file"
            )
        }
        let record = matrix.record(for: formats)
        let set =
            ["general.quantization_version", "general.file_type"].map { GGUFMetadata($0, .uint32(0)) }
            + (record?.entries.entries ?? [])
        let replaced = Set(set.map(\.key) + [alignmentKey])
        let header = try GGUFHeader(metadata: model.metadata.filter { !replaced.contains($0.key) } + set)
        // The alignment is copied as an entry, but the data are written with ggml's own.
        let layout = header.layout(
            for: model.tensors.map(\.asGGMLStores),
            extraBytes: alignmentBytes(of: model.metadata)
        )
        guard record?.isExact ?? true else {
            return FinishedFile(layout, knownTo: .tensorData, because: MatrixRecord.uncertainty)
        }
        return FinishedFile(exact: layout)
    }
}

extension TensorInfo {
    /// The tensor as a file of ggml holds it, see ``ggmlShape``.
    var asGGMLStores: TensorInfo {
        guard ggmlShape != shape else { return self }
        return (try? TensorInfo(name: name, shape: ggmlShape, elementType: elementType)) ?? self
    }

    /// The shape as ggml counts it: without outer dimensions of one element, and the outermost of more than four folded
    /// into one, as stable-diffusion.cpp does it.
    var ggmlShape: [Int] {
        let shape = Array(shape.drop { $0 == 1 })
        if shape.isEmpty { return [1] }
        guard shape.count > 4 else { return shape }
        return [shape.dropLast(3).reduce(1, *)] + shape.suffix(3)
    }
}
