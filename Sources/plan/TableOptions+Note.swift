import Checkpoints
import Sensitivity
import Tensors
import Text

extension NamingOptions {
    /// That the beginning which is to be replaced is none of a table's layers' names, or nil.
    ///
    /// - Parameter table: The table as it was read.
    /// - Returns: A sentence.
    func renameNote(_ table: ImpactTable) -> String? {
        guard let rename, let equals = rename.firstIndex(of: "=") else { return nil }
        let old = rename[..<equals]
        guard !table.layers.contains(where: { $0.hasPrefix(old) }) else { return nil }
        return """
            --rename \(ShellText.word(rename)) changes no name, as no layer of the table begins with \(String(old).quoted)
            """
    }

    /// Which formats were defined that nothing is in.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - model: The model, or nil where there is none.
    ///   - others: Other options as they were typed, which may name formats.
    /// - Returns: A sentence for each.
    func definitionNotes(_ table: ImpactTable, _ model: Model?, besides others: [String]) -> [String] {
        define.compactMap { definition in
            let name = String(definition.prefix { $0 != "=" })
            func isName(_ other: String) -> Bool { other.lowercased() == name.lowercased() }
            let isUsed =
                table.formats.contains(where: isName)
                || model?.tensors.contains { $0.elementType.map { isName($0.name) } ?? false } == true
                || others.contains { $0.split { "=,".contains($0) }.contains { isName(String($0)) } }
            return isUsed
                ? nil
                : "--define \(ShellText.word(definition)) changes nothing, as the table has no format \(name)"
        }
    }
}

extension ImpactImportOptions {
    /// That formats are named for a table which names its own, or nil.
    ///
    /// - Parameter shape: How the table is written down; nil for the built-in one.
    /// - Returns: A sentence.
    func needlessNote(_ shape: ImpactTableShape?) -> String? {
        guard shape != .mlxSensitivities, lowFormat != nil || highFormat != nil else { return nil }
        let names = [lowFormat.map { _ in "--low-format" }, highFormat.map { _ in "--high-format" }]
            .compactMap(\.self)
        return """
            \(names.joined(separator: " and ")) \(names.count == 1 ? "changes" : "change") nothing, as the table is none of \
            mlx_lm.dynamic_quant
            """
    }
}
