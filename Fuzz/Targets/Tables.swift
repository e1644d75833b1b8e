import Foundation
import Sensitivity
import Tensors

/// Reads a table in whichever shape it is recognised, lints it, and reads it again as the CSV that it is written as.
func testImpacts(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    let named = ImpactImportOptions(lowFormat: "Q4_0", highFormat: "Q8_0")
    for options in [ImpactImportOptions(), named] {
        attempt {
            let table = try ImpactTableReader.read(text: text, name: "t", options: options).table
            let findings =
                table.lint { QuantizationFormat(named: $0)?.bitsPerWeight }
                + table.lint(modelLayers: ["layer00.img"]) { QuantizationFormat(named: $0) != nil }
            for finding in findings {
                precondition(!finding.description.isEmpty)
            }
            let again = try ImpactTableReader.read(text: table.csv(), name: "t").table
            precondition(again.layers == table.layers && again.formats == table.formats)
            precondition(again.cells == table.cells)
        }
    }
}

/// Reads a capture, and measures by it.
func testCapture(_ bytes: [UInt8]) {
    attempt {
        let record = try CaptureFile.read(Data(bytes), file: "c.safetensors")
        _ = try MeasurementDocument.text(CaptureMerge(record))
    }
}
