import Checkpoints
import Quantization
import Tensors

/// One tensor as it is measured.
struct TensorWork: Sendable {
    let tensor: TensorInfo
    let index: Int
    let type: QuantizationFormat
    /// What it is cast to.
    let formats: [QuantizationFormat]
    /// What the encoders are told of the inputs, one row of it for each expert or one for all.
    let importance: [Float]?
    /// What each input counts in the weighted errors, likewise.
    let weights: [Float]?
    /// What each row counts in them; nil for 1.
    private let rowFactors: [Double]?
    /// The number of the output's elements.
    let rowCount: Int
    /// The number of weights that make one of them.
    let rowLength: Int
    /// What casts its rows, in the order of the formats.
    var codecs: [TensorCodec] = []

    init(
        _ tensor: TensorInfo,
        index: Int,
        type: QuantizationFormat,
        formats: [QuantizationFormat],
        importance: [Float]?,
        inputs: [Float]?,
        factors: SquaredGradients.Factors?
    ) {
        self.tensor = tensor
        self.index = index
        self.type = type
        self.formats = formats
        self.importance = importance
        rowCount = tensor.outputCount
        rowLength = tensor.elementCount / rowCount
        guard let factors else {
            weights = inputs
            rowFactors = nil
            return
        }
        weights = factors.columns
        rowFactors = factors.rowCosts(rowLength: rowLength)
    }

    var rowBytes: Int { rowLength * type.blockBytes }

    /// Whether the tensor is cast to a format: where its rows are whole blocks, and where there is the importance that some formats need.
    func isCast(to format: QuantizationFormat) -> Bool {
        format.fits(tensor) && (!format.needsImportanceMatrix || importance != nil)
    }

    /// What a row counts in the weighted errors.
    func factor(ofRow row: Int) -> Double { rowFactors?[row] ?? 1 }

    /// What stands for a row among values for each input: that of its expert.
    func range(of values: [Float], forRow row: Int) -> Range<Int> {
        let expertCount = values.count / rowLength
        let expert = row / (rowCount / expertCount)
        return expert * rowLength..<(expert + 1) * rowLength
    }
}
