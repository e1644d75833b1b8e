import Runtimes
import Sensitivity
import Tensors

/// What the program that loads the finished model makes of a plan: the formats, and what writes its files.
struct RuntimeBinding {
    let runtime: TargetRuntime

    /// Reads the name of a program.
    ///
    /// - Throws: ``Failure`` for usage.
    init(named name: String) throws {
        guard let runtime = TargetRuntime(rawValue: name) else {
            throw Failure(
                code: Failure.usage,
                message: """
                    there is no runtime named \(name.quoted); use \(Self.names)
                    """
            )
        }
        self.runtime = runtime
    }

    /// All names, for a sentence.
    static let names = TargetRuntime.allCases.map(\.rawValue).joined(separator: ", ")

    /// The converters whose files the program loads, the one that is meant first.
    private var converters: [String] {
        switch runtime {
        case .llamaCpp: ["plan", "llama-quantize"]
        case .comfyUIGGUF: ["plan", "stable-diffusion.cpp", "mixed-gguf-converter"]
        case .comfyUI: ["comfyui", "convert_to_quant", "cg-mixed-casting"]
        case .stableDiffusionCpp: ["plan", "stable-diffusion.cpp"]
        case .mlx: ["mlx"]
        }
    }

    /// Refuses a converter whose files the program does not load.
    ///
    /// - Throws: ``Failure`` for usage.
    func check(converter: String) throws {
        guard !converters.contains(converter) else { return }
        throw Failure(
            code: Failure.usage,
            message: """
                \(runtime.rawValue) does not load what \(converter) makes; plan for \(converters.joined(separator: " or ")), or for \
                another runtime
                """
        )
    }

    /// The formats that may be used: those that were named, or those of the table that the program decodes.
    ///
    /// - Throws: ``Failure`` if there is none, or one that it does not decode.
    func formats(_ named: [QuantizationFormat]?, from all: [QuantizationFormat], table: ImpactTable) throws
        -> [QuantizationFormat]
    {
        if let refused = named?.first(where: { !runtime.decodes($0) }) { throw refusal(of: refused) }
        let formats = all.filter(runtime.decodes)
        guard !formats.isEmpty else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the table \(table.name) has no column for a format that \(runtime.rawValue) decodes fast
                    """
            )
        }
        return formats
    }

    /// Refuses pins to what the program does not decode.
    ///
    /// - Throws: ``Failure`` for usage.
    func check(pinned: some Sequence<QuantizationFormat>) throws {
        if let refused = pinned.first(where: { !runtime.decodes($0) }) { throw refusal(of: refused) }
    }

    private func refusal(of format: QuantizationFormat) -> Failure {
        Failure(
            code: Failure.usage,
            message:
                "\(runtime.rawValue) does not decode \(format) fast; leave it out, or plan for another runtime"
        )
    }
}
