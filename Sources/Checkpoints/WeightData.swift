import Tensors
import Text

/// The data of a model's tensors, read piece by piece from the files that the model was read from.
///
/// Pieces are read, not mapped into memory: a file that another program shortens in the meantime is then an error, where
/// touching a mapped page of it would end the program. Several threads may read at the same time.
public struct WeightData: Sendable {
    private let tensors: [TensorInfo]
    private let locations: [TensorLocation]
    private let files: [ByteSource]
    /// What is multiplied out, by the tensors' positions.
    private let scaled: [Int: ScaledFloats]
    /// When each file was last written, in nanoseconds.
    private let modified: [Int]
    /// When anything of each file last changed, such as its name or its rights, in nanoseconds.
    private let changed: [Int]

    /// Opens a model's files, whose sizes must be those they had when their headers were read.
    ///
    /// - Throws: ``CheckpointError/noWeights(model:)`` for an inventory, ``CheckpointError/fileChanged(path:)``, and
    ///   ``CheckpointError/file(_:)``.
    public init(of model: Model) throws(CheckpointError) {
        guard model.locations.count == model.tensors.count, !model.files.isEmpty else {
            throw .noWeights(model: model.name)
        }
        var files: [ByteSource] = []
        var modified: [Int] = []
        var changed: [Int] = []
        for file in model.files {
            let source = try ByteSource(path: file.path)
            guard source.byteCount == file.byteCount else { throw .fileChanged(path: file.path) }
            files.append(source)
            let state = try source.fileState()
            modified.append(state.modified)
            changed.append(state.changed)
        }
        var scaled: [Int: ScaledFloats] = [:]
        for (index, location) in model.locations.enumerated() {
            guard let scaling = location.scaling else { continue }
            let byteCount = scaling.count * scaling.scaleFormat.blockBytes
            let scales = try files[scaling.file].part(scaling.offset..<scaling.offset + byteCount)
            scaled[index] = ScaledFloats(scaling, scales: scales, of: model.tensors[index])
        }
        self.scaled = scaled
        self.files = files
        self.modified = modified
        self.changed = changed
        tensors = model.tensors
        locations = model.locations
    }

    /// Reads a part of a tensor's data.
    ///
    /// - Parameters:
    ///   - range: The bytes, counted from the first of the tensor's.
    ///   - index: The tensor's position in the model's `tensors`.
    /// - Returns: Exactly these bytes.
    /// - Throws: ``CheckpointError/file(_:)``.
    public func bytes(_ range: Range<Int>, ofTensor index: Int) throws(CheckpointError) -> [UInt8] {
        let location = locations[index]
        precondition(range.lowerBound >= 0 && range.upperBound <= location.byteCount)
        if let floats = scaled[index] {
            // Two bytes of a weight stand for one of the file.
            let source = range.lowerBound / 2..<(range.upperBound + 1) / 2
            let weights = floats.multiplied(
                try files[location.file].part(
                    location.offset + source.lowerBound..<location.offset + source.upperBound
                ),
                from: source.lowerBound
            )
            return Array(weights.dropFirst(range.lowerBound % 2).prefix(range.count))
        }
        return try files[location.file].part(
            location.offset + range.lowerBound..<location.offset + range.upperBound
        )
    }

    /// Reads a part of a tensor's data as the files have it: of weights that are multiplied out, the 8-bit floats.
    ///
    /// - Parameters:
    ///   - range: The bytes, counted from the first that the file has of the tensor.
    ///   - index: The tensor's position in the model's `tensors`.
    /// - Returns: Exactly these bytes.
    /// - Throws: ``CheckpointError/file(_:)``.
    public func storedBytes(_ range: Range<Int>, ofTensor index: Int) throws(CheckpointError) -> [UInt8] {
        let location = locations[index]
        let byteCount = scaled[index] == nil ? location.byteCount : location.byteCount / 2
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        return try files[location.file].part(
            location.offset + range.lowerBound..<location.offset + range.upperBound
        )
    }

    /// Reads what all stored floats of a tensor are multiplied by.
    ///
    /// - Parameter index: The tensor's position in the model's `tensors`.
    /// - Returns: The scale, 1 where the floats are the weights themselves; nil where there are several scales.
    public func storedScale(ofTensor index: Int) -> Float? {
        guard let floats = scaled[index] else { return 1 }
        return floats.single
    }

    /// Checks that nobody has written to the files since they were opened.
    ///
    /// - Throws: ``CheckpointError/fileChanged(path:)`` and ``CheckpointError/file(_:)``.
    public func checkUnchanged() throws(CheckpointError) {
        for (file, modified) in zip(files, modified) {
            let state = try file.fileState()
            guard state.byteCount == file.byteCount, state.modified == modified else {
                throw .fileChanged(path: file.path)
            }
        }
    }

    /// A fingerprint of the files' sizes and of when they were written, which any later writing to them changes.
    public var stateDigest: String {
        var digest = ContentDigest()
        for (file, modified) in zip(files, modified) {
            digest.update(field: file.byteCount)
            digest.update(field: modified)
        }
        return digest.text
    }

    /// A fingerprint of when anything of the files last changed.
    ///
    /// Writing to a file changes it, whatever time the file is then said to be of; so do a new name and other rights, which change no
    /// weight.
    public var changeDigest: String {
        var digest = ContentDigest()
        for time in changed { digest.update(field: time) }
        return digest.text
    }

    /// A fingerprint of the weights themselves: of a few bytes at each of several places of every tensor.
    ///
    /// It tells a model from a fine-tune of the same shapes, for which ``Model/digest`` is the same, also where whole parts of tensors
    /// are the same, at the price of some small reads per tensor. What differs in a few rows alone it may take for the same.
    ///
    /// - Throws: As ``bytes(_:ofTensor:)``.
    public func sampleDigest() throws(CheckpointError) -> String {
        let sampleBytes = 64
        let sampleCount = 16
        var digest = ContentDigest()
        for (index, location) in locations.enumerated() {
            guard location.byteCount > sampleCount * sampleBytes else {
                digest.update(bytes: try bytes(0..<location.byteCount, ofTensor: index))
                continue
            }
            let part = location.byteCount / sampleCount
            for start in stride(from: (part - sampleBytes) / 2, to: sampleCount * part, by: part) {
                digest.update(bytes: try bytes(start..<start + sampleBytes, ofTensor: index))
            }
        }
        return digest.text
    }
}
