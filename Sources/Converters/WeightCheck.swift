import Checkpoints
import Recipes
import Tensors

/// The weights of a finished file held against a recipe's, with the tensors that stand beside them.
struct WeightCheck {
    typealias Difference = RecipeCheck.Difference

    /// The differences so far, in the order in which tensors were checked.
    private(set) var differences: [Difference] = []
    /// The tensors that are as planned.
    private(set) var matching = 0
    /// The bare names that the recipe and its formats account for.
    private(set) var expected: Set<String> = []

    private let converter: (any Converter)?
    private var found: [String: TensorInfo] = [:]
    /// The model's tensors by their bare names.
    private var originals: [String: TensorInfo] = [:]
    /// How many of the recipe's tensors a file may hold in one stack, by the stack's bare name.
    private var stackSizes: [String: Int] = [:]
    /// Whether the file counts dimensions as ggml does.
    private let countsLikeGGML: Bool
    /// The shapes that tensors had before their rows were laid together, as the file's metadata say, by their bare names.
    private var statedShapes: [String: [Int]] = [:]

    init(_ recipe: Recipe, converter: (any Converter)?, file: Model, model: Model?) {
        self.converter = converter
        countsLikeGGML = file.kind == .gguf
        for name in recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor) {
            let (bare, stacked) = (TensorNames.bare(name), MLXQuantization.stacked(TensorNames.bare(name)))
            if stacked != bare { stackSizes[stacked, default: 0] += 1 }
        }
        for tensor in model?.tensors ?? [] {
            originals[TensorNames.bare(tensor.name)] = tensor
        }
        for tensor in file.tensors {
            found[TensorNames.bare(tensor.name)] = tensor
        }
        let prefix = "comfy.gguf.orig_shape."
        for entry in file.metadata where entry.key.hasPrefix(prefix) {
            guard case .int32Array(let shape) = entry.value else { continue }
            statedShapes[TensorNames.bare(String(entry.key.dropFirst(prefix.count)))] = shape.map(Int.init)
        }
    }

    /// Checks a layer's tensors, and its bytes, which tell another model of the same names from this one.
    mutating func check(_ layer: Recipe.Layer) {
        let storage =
            QuantizationFormat(named: layer.format).flatMap { converter?.storage(of: $0) }
            ?? .plain(QuantizationFormat(named: layer.format)?.elementFormat.name ?? layer.format)
        let before = differences.count
        var bytes = 0
        for name in layer.tensors {
            check(name, format: layer.format, storage: storage)
            let groups = storage.companions.filter { $0.extent == .perGroup }.compactMap {
                WeightStorage.companionName(of: name, ending: $0.ending)
            }
            for name in [name] + groups {
                let place = place(of: name)
                let whole = place.tensor.flatMap { $0.elementType?.byteCount(of: $0) } ?? 0
                bytes += whole / (place.stackSize ?? 1)
            }
        }
        if differences.count == before, bytes != layer.bytes {
            add(layer.layer, "bytes", ByteSize(layer.bytes).grouped, ByteSize(bytes).grouped)
        }
    }

    /// Checks a tensor that is not planned.
    mutating func check(_ kept: Recipe.Kept) {
        check(kept.tensor, format: kept.format, storage: .plain(kept.format))
    }

    /// Where the file holds a tensor of the recipe.
    private struct Place {
        /// The bare name in the file.
        var name: String
        /// The file's tensor, or nil where it has none.
        var tensor: TensorInfo?
        /// Of a stack, how many of the recipe's tensors it holds; nil for a tensor of its own.
        var stackSize: Int?

        /// The shape of the recipe's own part, without the dimension along which a stack is made.
        var shape: [Int] {
            let shape = tensor?.shape ?? []
            return stackSize == nil ? shape : Array(shape.dropFirst())
        }
    }

    /// The file's tensor of a name: one of its own, or the stack that MLX makes of a layer's experts.
    private func place(of name: String) -> Place {
        let bare = TensorNames.bare(name)
        if let tensor = found[bare] { return Place(name: bare, tensor: tensor) }
        let stacked = MLXQuantization.stacked(bare)
        if stacked != bare, let stack = found[stacked] {
            let weight = WeightStorage.weightName(of: stacked)
            return Place(name: stacked, tensor: stack, stackSize: max(1, stackSizes[weight] ?? 1))
        }
        // Image models come with these prefixes too, which language models' names begin with for good.
        for prefix in ["model.", "net."] where bare.hasPrefix(prefix) {
            let short = String(bare.dropFirst(prefix.count))
            if let tensor = found[short] { return Place(name: short, tensor: tensor) }
        }
        return Place(name: bare)
    }

    private mutating func check(_ name: String, format: String, storage: WeightStorage) {
        let place = place(of: name)
        let before = differences.count
        expected.insert(place.name)
        if let tensor = place.tensor {
            let original = originals[TensorNames.bare(name)]
            if tensor.elementType?.name != storage.type {
                add(name, "format", format, tensor.elementType?.name ?? "unknown")
            } else if let count = place.stackSize, tensor.shape.first != count {
                add(name, "shape", "a stack of \(count)", "\(tensor.shape)")
            } else if storage.packing != nil {
                checkPacking(of: place, name: name, format: format, storage: storage)
            } else if let original, original.shape != place.shape,
                original.shape != statedShapes[place.name],
                !(countsLikeGGML && original.ggmlShape == tensor.ggmlShape)
            {
                add(name, "shape", "\(original.shape)", "\(place.shape)")
            }
        } else {
            add(name, "missing", format, "none")
        }
        for companion in storage.companions {
            check(companion, of: name)
        }
        if differences.count == before { matching += 1 }
    }

    private mutating func check(_ companion: WeightStorage.Companion, of weight: String) {
        guard let name = WeightStorage.companionName(of: weight, ending: companion.ending) else { return }
        let place = place(of: name)
        expected.insert(place.name)
        let types = companion.types.joined(separator: " or ")
        guard let tensor = place.tensor else {
            // Without its weight, a companion is not missed.
            if companion.isRequired, self.place(of: weight).tensor != nil {
                add(name, "missing", types, "none")
            }
            return
        }
        let type = tensor.elementType?.name ?? "unknown"
        if !companion.types.contains(type) {
            add(name, "format", types, type)
        } else if companion.extent == .single, tensor.elementCount != 1 {
            add(name, "shape", "one element", "\(tensor.shape)")
        } else if companion.extent == .perGroup, companion.ending != ".scales",
            let scales = scales(of: weight), scales.shape != place.shape
        {
            add(name, "shape", "\(scales.shape)", "\(place.shape)")
        }
    }

    /// Holds the words of a packed weight's rows against its scales, and both against the model's row.
    private mutating func checkPacking(
        of weight: Place,
        name: String,
        format: String,
        storage: WeightStorage
    ) {
        // Missing scales are named as such.
        guard let scales = scales(of: name) else { return }
        let original = originals[TensorNames.bare(name)]?.shape
        func fits(_ storage: WeightStorage) -> Bool {
            storage.fits(weight: weight.shape, scales: scales.shape, original: original)
        }
        guard !fits(storage) else { return }
        let others = (converter?.formats ?? []).map(\.format).filter { other in
            guard let storage = converter?.storage(of: other), storage.packing != nil else { return false }
            let types = storage.companions.first { $0.ending == ".scales" }?.types
            return fits(storage) && types?.contains(scales.tensor?.elementType?.name ?? "") ?? false
        }
        let shapes = "\(storage.type) \(weight.shape) with .scales \(scales.shape)"
        add(
            name,
            "format",
            format,
            others.isEmpty ? shapes : others.map(\.name).joined(separator: " or ")
        )
    }

    /// Where the file holds the scales of a weight, or nil where it has none.
    private func scales(of weight: String) -> Place? {
        WeightStorage.companionName(of: weight, ending: ".scales").map(place(of:)).flatMap {
            $0.tensor == nil ? nil : $0
        }
    }

    private mutating func add(_ tensor: String, _ kind: String, _ planned: String, _ found: String) {
        differences.append(Difference(tensor: tensor, kind: kind, planned: planned, found: found))
    }
}
