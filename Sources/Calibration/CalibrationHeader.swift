public import Estimation
public import Sensitivity
import Text

/// What a file of measured losses was measured on, and how; its comments say so.
///
/// ```
/// # kind: loss
/// # unit: KL divergence, nats per token
/// # model: fnv1a64:0c5d1b8a99e62f04 smollm2-135m-f32
/// # weights: fnv1a64:af63dc4c8601ec8c
/// # runtime: llama-perplexity, text fnv1a64:…, context 256
/// # chunks: 8
/// # formats: Q4_0
/// # importance: none
/// # part: the whole
/// # baseline: 0.000001
/// ```
///
/// Where a command of the user's says a standard error of the model as it is, `# baselineError: 0.3` follows.
public struct CalibrationHeader: Hashable, Sendable {
    /// The model's name; it does not have to be the same to go on.
    public let model: String
    /// The fingerprint of the tensors' names, shapes and types.
    public let modelDigest: String
    /// The fingerprint of some of the weights, which tells fine-tunes apart.
    public let weightsDigest: String
    /// What measures, in words; two runs with the same words measure the same.
    public let runtime: String
    /// What a loss is, and in which unit; nil where that is not known.
    public let unit: String?
    /// How much text is used, in chunks; nil where the command decides.
    public private(set) var chunks: Int?
    /// The names of the formats that layers are cast to.
    public let formats: [String]
    /// The fingerprint and the name of the importance matrix, or nil.
    public let importance: String?
    /// Which part of the model it is, or nil for the whole.
    public private(set) var part: WorkPart?
    /// What the command says of the model as it is, which is taken off every loss.
    public private(set) var baseline: CalibrationBaseline

    /// Creates a header.
    public init(
        model: String,
        modelDigest: String,
        weightsDigest: String,
        runtime: String,
        unit: String?,
        chunks: Int?,
        formats: [String],
        importance: String?,
        part: WorkPart?,
        baseline: CalibrationBaseline
    ) {
        self.model = model
        self.modelDigest = modelDigest
        self.weightsDigest = weightsDigest
        self.runtime = Self.line(runtime)
        self.unit = unit.map(Self.line)
        self.chunks = chunks
        self.formats = formats
        self.importance = importance.map(Self.line)
        self.part = part
        self.baseline = baseline
    }

    /// The header with another amount of text and another baseline.
    public func with(chunks: Int?, baseline: CalibrationBaseline) -> CalibrationHeader {
        var header = self
        (header.chunks, header.baseline) = (chunks, baseline)
        return header
    }

    /// The header of another part of the same measurement.
    private func with(part: WorkPart?) -> CalibrationHeader {
        var header = self
        header.part = part
        return header
    }

    /// What every file begins with.
    static let beginning = "# kind: loss\n"
    /// The line that names the columns.
    static let columns = "layer,format,loss,standardError\n"

    /// The lines of the file before its first loss.
    var text: String {
        var lines: [(String, String)] = []
        if let unit { lines.append(("unit", unit)) }
        lines += pairs.map { ($0.key, $0.value) }
        if let chunks { lines.append(("chunks", "\(chunks)")) }
        lines.append(("baseline", "\(baseline.loss)"))
        if let error = baseline.standardError { lines.append(("baselineError", "\(error)")) }
        return Self.beginning + lines.map { "# \($0.0): \($0.1)\n" }.joined() + Self.columns
    }

    /// What has to be the same for losses to go together.
    private var pairs: [(key: String, value: String, what: String)] {
        [
            ("model", "\(modelDigest) \(Self.line(model))", "model"),
            ("weights", weightsDigest, "set of weights"),
            ("runtime", runtime, "command or text"),
            ("formats", formats.joined(separator: ","), "list of formats"),
            ("importance", importance ?? "none", "importance matrix"),
            ("part", part?.description ?? "the whole", "part"),
        ]
    }

    /// Checks that a file can be gone on with, and takes over how much text it was measured with, and its baseline.
    ///
    /// - Parameter table: What is in the file.
    /// - Returns: The header with the file's chunks and baseline.
    /// - Throws: ``CalibrationError/differs(path:what:found:expected:)``, and
    ///   ``CalibrationError/malformed(path:line:problem:)`` for a file that was made otherwise.
    func goingOn(with table: LossTable) throws(CalibrationError) -> CalibrationHeader {
        for (key, value, what) in pairs {
            guard let found = table.comments[key] else {
                throw .malformed(path: table.path, line: 1, problem: "it does not say its \(key)")
            }
            // The model's name may change, its digest may not.
            let isSame =
                key == "model"
                ? found.split(separator: " ").first.map(String.init) == modelDigest : found == value
            guard isSame else { throw .differs(path: table.path, what: what, found: found, expected: value) }
        }
        guard (table.unit ?? "") == (unit ?? "") else {
            throw .differs(
                path: table.path,
                what: "unit",
                found: table.unit ?? "none",
                expected: unit ?? "none"
            )
        }
        guard let baseline = table.comments["baseline"].flatMap({ Double($0) }), baseline.isFinite else {
            throw .malformed(path: table.path, line: 1, problem: "it does not say its baseline")
        }
        let foundChunks = table.comments["chunks"].flatMap { Int($0) }
        if let chunks, foundChunks != chunks {
            throw .differs(
                path: table.path,
                what: "number of chunks",
                found: foundChunks.map { "\($0)" } ?? "none",
                expected: "\(chunks)"
            )
        }
        let error = table.comments["baselineError"].flatMap { Double($0) }
        return with(
            chunks: foundChunks,
            baseline: CalibrationBaseline(loss: baseline, standardError: error)
        )
    }

    /// What a file is to the measurement with this header.
    ///
    /// - Parameters:
    ///   - table: What is in the file.
    ///   - sameParts: Whether it has to be of the same part of the model.
    /// - Returns: The relation.
    public func relation(to table: LossTable, sameParts: Bool) -> MeasurementRelation {
        let found = table.comments["model"]?.split(separator: " ").first.map(String.init)
        guard found == modelDigest, table.comments["weights"] == weightsDigest else { return .otherModel }
        let own = sameParts ? self : with(part: table.comments["part"].flatMap { try? WorkPart(parsing: $0) })
        return (try? own.goingOn(with: table)) == nil ? .otherSettings : .same
    }

    /// A text on one line, as a comment holds it.
    private static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.isControl ? " " : Character($0) }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }
}
