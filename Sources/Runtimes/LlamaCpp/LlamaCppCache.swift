/// What llama.cpp keeps of the tokens it has seen: keys and values per block, and states.
///
/// The formulas are those of `llama-kv-cache.cpp`, `llama-kv-cache-iswa.cpp` and `llama-memory-recurrent.cpp`:
///
///     cells  = pad(pad(context) / streams)                       pad: to a multiple of 256
///     window = pad(min(cells, window · (unified ? sequences : 1) + micro batch))
///     bytes  = streams · cells · (row(keys) + row(values))       row(n) = n / block elements · block bytes
///     state  = 4 · sequences · elements
///
/// All of it is allocated at the start, and does not grow.
public struct LlamaCppCache: Hashable, Sendable {
    /// The bytes of keys and values of each block.
    public let cacheBytes: [Int]
    /// The bytes of the states of each block.
    public let stateBytes: [Int]
    /// The bytes of a token's keys and values in each block.
    public let rowBytes: [Int]
    /// The cells of one part of a cache that holds the whole context.
    public let cells: Int
    /// The cells of one part of the largest cache of a window, 0 where no block has one.
    public let windowCells: Int
    /// The elements of the widest keys, and of the widest values, of a token in a block.
    let widestKeys: Int
    let widestValues: Int

    /// Works out the sizes.
    ///
    /// - Throws: What llama.cpp refuses: ``RuntimeError/cacheFormatsDiffer(keys:values:architecture:)``,
    ///   ``RuntimeError/cacheBlockDoesNotDivide(part:format:block:length:)``,
    ///   ``RuntimeError/valuesNeedFlashAttention(format:)``.
    public init(_ network: LlamaCppNetwork, _ settings: LlamaCppSettings) throws(RuntimeError) {
        try Self.check(network, settings)
        cells = settings.cells
        var cacheBytes: [Int] = []
        var stateBytes: [Int] = []
        var rowBytes: [Int] = []
        var windowCells = 0
        // Without flash attention, values are stored transposed, and every block gets the width of the widest.
        let isTransposed = !settings.hasFlashAttention
        let widestValues = network.layers.map(\.valueWidth).max() ?? 0
        for layer in network.layers {
            var cells = cells
            if let window = layer.window {
                cells = Self.windowCells(window, of: settings)
                windowCells = max(windowCells, cells)
            }
            let valueWidth = isTransposed && layer.valueWidth > 0 ? widestValues : layer.valueWidth
            let row = sum(
                try Self.row(layer.keyWidth, settings.keys, "keys"),
                try Self.row(valueWidth, settings.values, "values"),
                try Self.row(layer.indexKeyWidth, settings.keys, "keys of the index"),
                try Self.row(layer.indexValueWidth, settings.values, "values of the index")
            )
            rowBytes.append(row)
            cacheBytes.append(product(settings.streams, cells, row))
            stateBytes.append(product(4, settings.sequences, layer.stateElements))
        }
        self.cacheBytes = cacheBytes
        self.stateBytes = stateBytes
        self.rowBytes = rowBytes
        self.windowCells = windowCells
        self.widestValues = widestValues
        widestKeys = network.layers.map(\.keyWidth).max() ?? 0
    }

    /// The bytes of all keys and values.
    public var bytes: Int { cacheBytes.reduce(0) { sum($0, $1) } }

    /// The bytes of all states.
    public var allStateBytes: Int { stateBytes.reduce(0) { sum($0, $1) } }

    private static func windowCells(_ window: Int, of settings: LlamaCppSettings) -> Int {
        guard !settings.keepsWholeWindows else { return settings.cells }
        let windows = window * (settings.isUnified ? settings.sequences : 1)
        return LlamaCppSettings.padded(min(settings.cells, windows + settings.tokensAtOnce))
    }

    /// The bytes of a token's row.
    private static func row(_ width: Int, _ format: CacheFormat, _ part: String) throws(RuntimeError) -> Int {
        guard width.isMultiple(of: format.blockElements) else {
            throw .cacheBlockDoesNotDivide(
                part: part,
                format: format.rawValue,
                block: format.blockElements,
                length: width
            )
        }
        return product(width / format.blockElements, format.blockBytes)
    }

    /// What `llama_init_from_model` refuses.
    private static func check(_ network: LlamaCppNetwork, _ settings: LlamaCppSettings) throws(RuntimeError) {
        if network.isLatent, settings.keys != settings.values {
            throw .cacheFormatsDiffer(
                keys: settings.keys.rawValue,
                values: settings.values.rawValue,
                architecture: network.architecture
            )
        }
        if settings.values.isQuantized, !settings.hasFlashAttention {
            throw .valuesNeedFlashAttention(format: settings.values.rawValue)
        }
        guard settings.hasFlashAttention else { return }
        for head in network.cachedHeads {
            for (part, length, format) in [
                ("keys", head.keys, settings.keys), ("values", head.values ?? 0, settings.values),
            ] where !length.isMultiple(of: format.blockElements) {
                throw .cacheBlockDoesNotDivide(
                    part: part,
                    format: format.rawValue,
                    block: format.blockElements,
                    length: length
                )
            }
        }
    }
}
