public import Runtimes
import Sensitivity
import Tensors

extension TargetRuntime {
    /// The converters whose files the program loads, the one that is meant first.
    private var converters: [String] {
        switch self {
        case .llamaCpp: ["plan", "llama-quantize"]
        case .comfyUIGGUF: ["plan", "stable-diffusion.cpp", "mixed-gguf-converter"]
        case .comfyUI: ["comfyui", "convert_to_quant", "cg-mixed-casting"]
        case .stableDiffusionCpp: ["plan", "stable-diffusion.cpp"]
        case .mlx: ["mlx"]
        }
    }

    /// Refuses a converter whose files the program does not load.
    ///
    /// - Parameter converter: The converter's name.
    /// - Throws: ``PlanningError/notLoaded(converter:runtime:loaded:)``.
    public func check(converter: String) throws(PlanningError) {
        guard !converters.contains(converter) else { return }
        throw .notLoaded(converter: converter, runtime: rawValue, loaded: converters)
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
    func check(pinned: some Sequence<QuantizationFormat>) throws(PlanningError) {
        if let refused = pinned.first(where: { !decodes($0) }) {
            throw .notDecoded(refused.name, runtime: rawValue)
        }
    }
}
