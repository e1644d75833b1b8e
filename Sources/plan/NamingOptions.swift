import ArgumentParser
import Checkpoints
import Sensitivity
import Tensors
import Text

/// How a table's layers and formats are found in a model and among the known formats.
struct NamingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Replaces the beginning of the table's layer names, so that they match the model's: model.= takes a leading model. away, =model. adds it.",
            valueName: "old=new"
        )
    )
    var rename: String?

    @Flag(help: "Finds the table's layers in the model whatever the case of their letters.")
    var ignoreCase = false

    @Option(
        help: ArgumentHelp(
            "Gives the size of a format of the table that plan does not know: IQ4_KS=136/256 takes 136 bytes for 256 elements of a row; repeatable.",
            valueName: "name=bytes/elements"
        )
    )
    var define: [String] = []

    /// Makes the formats known that are defined; here, as other options may name them.
    func validate() throws {
        for definition in define { try Self.define(definition) }
    }

    /// Makes a format known that is written as `NAME=BYTES/ELEMENTS`.
    ///
    /// - Throws: `ValidationError`.
    private static func define(_ definition: String) throws {
        let parts = definition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let sizes = (parts.last ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, sizes.count == 2, let bytes = Int(sizes[0]), let elements = Int(sizes[1])
        else {
            throw ValidationError(
                "--define takes a name, bytes and elements, such as IQ4_KS=136/256, not \(definition.quoted)"
            )
        }
        do throws(TensorError) {
            try QuantizationFormat.define(String(parts[0]), blockElements: elements, blockBytes: bytes)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The options as they were typed.
    var arguments: [String] {
        var arguments: [String] = []
        if let rename { arguments += ["--rename", rename] }
        if ignoreCase { arguments.append("--ignore-case") }
        for definition in define { arguments += ["--define", definition] }
        return arguments
    }

    /// The table with its layers named as the model's.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - model: The model.
    ///   - grouping: The grouping that was named, or nil.
    /// - Returns: The table.
    /// - Throws: ``Failure``, and `SensitivityError` where two layers would have one name.
    func renaming(_ table: ImpactTable, for model: Model, grouping: String?) throws -> ImpactTable {
        var table = table
        if let rename {
            guard let equals = rename.firstIndex(of: "=") else {
                throw Failure(
                    code: Failure.usage,
                    message: "--rename takes two beginnings, such as model.= or =model., not \(rename.quoted)"
                )
            }
            let (old, new) = (rename[..<equals], rename[rename.index(after: equals)...])
            table = try table.renamingLayers {
                $0.hasPrefix(old) ? String(new + $0.dropFirst(old.count)) : $0
            }
        }
        guard ignoreCase else { return table }
        let layered = try model.layers(for: table, grouping: grouping)
        let names = layered.layers.map(\.name) + layered.kept.map(\.tensor.name)
        let tensors = model.tensors.map(\.name)
        guard let letters = table.lettersFitting(names) ?? table.lettersFitting(tensors) else { return table }
        return try table.renamingLayers { letters[$0] ?? $0 }
    }
}
