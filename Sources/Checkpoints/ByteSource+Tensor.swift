import Tensors
import Text

extension ByteSource {
    /// The tensor that an entry of a header describes.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - shape: Its dimensions, the rows' length last.
    ///   - type: The format of its data.
    ///   - offset: Where the header says it, for the error.
    /// - Returns: The tensor, and the bytes of its data.
    /// - Throws: ``CheckpointError/malformedFile(path:offset:_:)`` for one that cannot be.
    func tensor(
        _ name: String,
        shape: [Int],
        type: QuantizationFormat,
        at offset: Int
    ) throws(CheckpointError) -> (TensorInfo, byteCount: Int) {
        let tensor: TensorInfo
        do throws(TensorError) {
            tensor = try TensorInfo(name: name, shape: shape, elementType: type)
        } catch {
            throw defect(.impossibleTensor(error), at: offset)
        }
        guard let byteCount = type.byteCount(of: tensor) else {
            let defect = FileDefect.rowNotWholeBlocks(
                tensor: name,
                format: type.name,
                blockElements: type.blockElements,
                rowLength: tensor.rowLength
            )
            throw self.defect(defect, at: offset)
        }
        return (tensor, byteCount)
    }
}
