import Tensors

extension Model {
    /// The model with its scaled 8-bit floats multiplied out: weights in BF16, without the scales beside them.
    ///
    /// A weight of two dimensions in `float8_e4m3fn` or `float8_e5m2` has its scale in `weight_scale` (ComfyUI,
    /// compressed-tensors), `scale_weight` (earlier ComfyUI) or `weight_scale_inv` (DeepSeek, whose blocks have 128 rows and columns):
    /// one number for the tensor, one for each row, or one for each block of a matrix. The tensors that say
    /// something of how such a weight is computed with are left out, too. Nothing is read; ``WeightData`` multiplies. A
    /// weight whose scales are of another shape stays as it is, and so is a model of ``packedWeights``.
    public var multipliedOut: Model {
        guard kind == .safetensors, locations.count == tensors.count else { return self }
        let positions = Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
        var scalings: [Int: TensorScaling] = [:]
        var dropped: Set<String> = []
        for (index, tensor) in tensors.enumerated() {
            guard let format = tensor.elementType, Self.scaledFormats.contains(format),
                tensor.dimensionCount > 1, tensor.name.hasSuffix(Self.weight)
            else { continue }
            let stem = String(tensor.name.dropLast(Self.weight.count))
            let scales = Self.scales.compactMap { positions[stem + $0] }
            guard scales.count == 1, let place = scales.first,
                !Self.others.contains(where: { positions[stem + $0] != nil })
            else { continue }
            let scale = tensors[place]
            guard let scaleFormat = scale.elementType, ScaledFloats.takes(scaleFormat),
                let block = TensorScaling.Block(of: tensor, scales: scale)
            else { continue }
            scalings[index] = TensorScaling(
                format: format,
                block: block,
                scaleFormat: scaleFormat,
                file: locations[place].file,
                offset: locations[place].offset,
                count: scale.elementCount
            )
            dropped.formUnion((Self.scales + Self.remarks).map { stem + $0 })
        }
        guard !scalings.isEmpty else { return self }
        dropped.formUnion(
            (tensors.map(\.name) + emptyTensors).filter {
                $0 == Self.marker || $0.hasSuffix("." + Self.marker)
            }
        )
        var kept: [TensorInfo] = []
        var places: [TensorLocation] = []
        for (index, tensor) in tensors.enumerated() where !dropped.contains(tensor.name) {
            var place = locations[index]
            var tensor = tensor
            if let scaling = scalings[index],
                let wide = try? TensorInfo(name: tensor.name, shape: tensor.shape, elementType: .bf16)
            {
                place = TensorLocation(
                    file: place.file,
                    offset: place.offset,
                    byteCount: 2 * place.byteCount,
                    scaling: scaling
                )
                tensor = wide
            }
            kept.append(tensor)
            places.append(place)
        }
        let model = try? Model(
            name: name,
            tensors: kept,
            kind: kind,
            architecture: architecture,
            metadata: metadata,
            files: files,
            index: index,
            locations: places,
            tensorsWithoutElements: tensorsWithoutElements.filter { !dropped.contains($0.name) }
        )
        return model ?? self
    }

    private static let scaledFormats: [QuantizationFormat] = [.float8_e4m3fn, .float8_e5m2]
    private static let weight = "weight"
    /// What stands in the place of `weight` in the name of a scale.
    private static let scales = ["weight_scale", "scale_weight", "weight_scale_inv"]
    /// What a second scale has there.
    private static let others = ["weight_scale_2", "weight_scale_inv_2"]
    /// What else stands beside a weight, of its inputs or of how it is computed with.
    private static let remarks = ["input_scale", "scale_input", "comfy_quant"]
    /// The tensor that says which 8-bit floats a whole file has.
    private static let marker = "scaled_fp8"
}
