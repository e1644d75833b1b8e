public import Checkpoints
import Converters
public import Runtimes
import Sensitivity
public import Tensors

extension TargetRuntime {
    /// The converters whose files the program loads, those first by whose recipes this program writes them.
    private var converters: [String] {
        let all = Converters.all.filter { $0.runtimes.contains(self) }
        return (all.filter { $0.container != nil } + all.filter { $0.container == nil }).map(\.name)
    }

    /// Refuses a converter whose files the program does not load.
    ///
    /// - Parameter converter: The converter's name.
    /// - Throws: ``PlanningError/notLoaded(converter:runtime:loaded:)``.
    public func check(converter: String) throws(PlanningError) {
        guard !converters.contains(converter) else { return }
        throw .notLoaded(converter: converter, runtime: rawValue, loaded: converters)
    }

    /// Refuses a model of pictures for llama.cpp, which knows no such architecture.
    ///
    /// The other way round nothing is refused: text encoders of pictures are language models.
    ///
    /// - Parameter model: The model.
    /// - Throws: `RuntimeError.wrongRuntime`.
    public func check(model: Model) throws(RuntimeError) {
        guard onCard == .llamaCpp else { return }
        try CardRequest.check(.llamaCpp, runs: model)
    }

    /// The formats that may be used: those of some that the program decodes fast.
    ///
    /// - Parameters:
    ///   - named: The formats that the user named, or nil.
    ///   - all: The formats that may be used otherwise.
    ///   - table: The table that they are of.
    /// - Returns: The formats.
    /// - Throws: ``PlanningError`` if there is none, or a named one that the program does not decode.
    func formats(
        _ named: [QuantizationFormat]?,
        from all: [QuantizationFormat],
        table: ImpactTable
    ) throws(PlanningError) -> [QuantizationFormat] {
        try check(pinned: named ?? [])
        let formats = all.filter(decodes)
        guard !formats.isEmpty else { throw .noFormatDecoded(runtime: rawValue, table: table.name) }
        return formats
    }

    /// Refuses formats that the program does not decode fast.
    ///
    /// - Parameter pinned: The formats.
    /// - Throws: ``PlanningError/notDecoded(_:runtime:)``.
    public func check(pinned: some Sequence<QuantizationFormat>) throws(PlanningError) {
        if let refused = pinned.first(where: { !decodes($0) }) {
            throw .notDecoded(refused.name, runtime: rawValue)
        }
    }
}
