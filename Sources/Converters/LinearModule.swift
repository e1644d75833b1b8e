package import Tensors

/// A linear module of a PyTorch model, known by its weight: a 2-D tensor named after it.
package struct LinearModule {
    /// The module's name, without `.weight`.
    package let name: String

    /// All but the weights of linear modules, which are what ComfyUI and MLX quantize.
    static let others = UntouchedTensors(requiredEnding: ".weight", dimensions: 2...2)

    /// The module that a tensor is the weight of, or nil.
    package init?(_ tensor: TensorInfo) {
        let ending = ".weight"
        guard tensor.dimensionCount == 2, tensor.name.hasSuffix(ending), tensor.name.count > ending.count
        else {
            return nil
        }
        name = String(tensor.name.dropLast(ending.count))
    }
}
