import Checkpoints
import Estimation
import Sensitivity
import Text

extension ConverterEstimate {
    /// Measures the weights, or goes on with what was measured before, and writes the impact table.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - outputs: What the command reads and writes.
    /// - Returns: Where the table was written.
    /// - Throws: As `plan estimate` does.
    func writeTable(of model: Model, _ outputs: OutputFiles) throws -> String {
        let names = MeasurementNames(of: model, header: run.header, resuming: false)
        var outputs = outputs
        _ = try outputs.claim(names.path, for: .errors)
        Console.note("no impact table is given: measuring the weights into \(names.path)")
        let estimates = try run.measure(into: names.path, resuming: InputFile.exists(names.path))
        let impacts = try impacts(of: estimates)
        impacts.noteUnknown()
        scale.notePrior(layers, of: model)
        let csv = MarkedTable(try impacts.table(named: model.name + "-estimate")).text
        let path = try EstimatePlace(stem: names.stem, table: nil, outputs: outputs)
            .write(csv, isAnswer: false)
        Console.note("the impact table goes to \(path)")
        return path
    }
}
