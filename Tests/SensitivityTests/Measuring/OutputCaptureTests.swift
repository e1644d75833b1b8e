import Foundation
import TestSupport
import Text
import Testing

@testable import Sensitivity

@Suite("Captures of outputs")
struct OutputCaptureTests {
    private let names = ["blk.0.attn_q.weight", "blk.0.ffn_down.weight", "a layer of another kind"]

    /// A capture in which the loss of layer number i, counted from 1, is `i·δ^power` for sample 0, and so much more by `tilt` for each
    /// sample; the output has the mean square 3·i, and casting it to format number k makes the error `i/(100·4^k)`.
    private func capture(
        samples: [Int] = [0, 1],
        power: Double = 2,
        tilt: Double = 0,
        perturbations: [Double] = [0.1, 0.4],
        formats: [String] = ["Q4_0", "Q8_0"]
    ) -> CaptureBytes {
        var capture = CaptureBytes()
        capture.metadata = [
            "plan_capture": "2", "model": "tiny", "unit": "KL divergence, nats per token",
            "perturbations": perturbations.map { "\($0)" }.joined(separator: ","),
        ]
        capture.samples = samples
        for (index, name) in names.enumerated() {
            let scale = Double(index + 1)
            capture.tensors.append(
                (
                    "end_loss.\(name)", [samples.count, perturbations.count],
                    samples.flatMap { sample in
                        perturbations.map { scale * pow($0, power) * (1 + tilt * Double(sample)) }
                    }
                )
            )
            capture.tensors.append(("mean_square.\(name)", [samples.count], samples.map { _ in 3 * scale }))
            for (place, format) in formats.enumerated() {
                let loss = scale / 100 / pow(4, Double(place))
                capture.tensors.append(
                    ("cast_loss.\(name).\(format)", [samples.count], samples.map { _ in loss })
                )
            }
        }
        return capture
    }

    private func read(_ capture: CaptureBytes) throws -> OutputCapture {
        try OutputCapture(CaptureContents(Array(capture.data), file: "c"))
    }

    private func table(_ captures: CaptureBytes...) throws -> ImpactTable {
        var merge = try OutputMerge(read(captures[0]))
        for capture in captures.dropFirst() { try merge.add(read(capture)) }
        return try #require(try merge.measurement.table(named: "t"))
    }

    @Test(
        "the power is fitted, and a cast costs what a perturbation of its size does",
        arguments: [1.0, 1.5, 2]
    )
    func closedForm(power: Double) throws {
        let measurement = try read(capture(power: power)).measurement()
        let exponent = try #require(try measurement.exponent())
        #expect(abs(exponent.value - power) < 1e-12)
        #expect(exponent.spread < 1e-12 && exponent.layerCount == 3)
        let table = try #require(try measurement.table(named: "t"))
        #expect(table.layers == names && table.formats == ["Q4_0", "Q8_0"])
        for (index, name) in names.enumerated() {
            for (place, format) in table.formats.enumerated() {
                // 12·L/R, with R = 3·i and L = i/(100·4^k).
                let size = (0.04 / pow(4, Double(place))).squareRoot()
                let expected = Double(index + 1) * pow(size, power)
                let impact = try #require(table.impact(layer: name, format: format))
                #expect(abs(impact / expected - 1) < 1e-12)
            }
        }
        #expect(table.meaning.kind == .loss)
        #expect(table.meaning.unit == "KL divergence, nats per token")
        let method = try #require(table.meaning.method)
        #expect(
            method.hasPrefix("captured outputs, losses as the power \(String(format: "%.3g", power)) of the")
        )
    }

    @Test("layers of different powers share one, and how far they differ is said")
    func spread() throws {
        var capture = capture()
        // The first layer's losses grow as the perturbation itself.
        capture.tensors[0].values = [0.1, 0.4, 0.1, 0.4]
        let exponent = try #require(try read(capture).measurement().exponent())
        #expect(abs(exponent.value - 5.0 / 3) < 1e-12)
        #expect(abs(exponent.spread - (1.0 / 3).squareRoot()) < 1e-12)
    }

    @Test("with one size of perturbation the power 2 is assumed, and the table says so")
    func oneSize() throws {
        let capture = capture(perturbations: [0.2])
        #expect(try read(capture).measurement().exponent() == nil)
        let table = try table(capture)
        #expect(abs(try #require(table.impact(layer: names[0], format: "Q4_0")) - 0.04) < 1e-12)
        #expect(table.meaning.method?.hasSuffix("which is assumed") ?? false)
    }

    @Test("losses that do not grow with the perturbation are refused, and zeros cost nothing")
    func degenerate() throws {
        #expect(
            sentence { try self.table(self.capture(power: -0.5)) }
                == "the losses do not grow with the perturbation, and say nothing: take larger perturbations, or float32"
        )
        var capture = capture()
        for index in capture.tensors.indices where capture.tensors[index].name == "end_loss.\(names[1])" {
            capture.tensors[index].values = [0, 0, 0, 0]
        }
        for index in capture.tensors.indices where capture.tensors[index].name == "cast_loss.\(names[2]).Q8_0"
        {
            capture.tensors[index].values = [.nan, 0.5]
        }
        let table = try table(capture)
        #expect(table.impact(layer: names[1], format: "Q4_0") == 0)
        #expect(table.cell(layer: names[2], format: "Q8_0") == .forbidden(.infinite))
        #expect(table.impact(layer: names[2], format: "Q4_0") != nil)
    }

    @Test("samples give cells a standard error, one sample gives none")
    func standardErrors() throws {
        let table = try table(capture(tilt: 0.2))
        let name = names[0]
        // Losses of 1 and 1.2 times the same: the mean 1.1, its standard error 0.1.
        let share =
            try #require(table.standardError(layer: name, format: "Q4_0"))
            / #require(table.impact(layer: name, format: "Q4_0"))
        #expect(abs(share - 0.1 / 1.1) < 1e-12)
        #expect(try self.table(capture(samples: [5])).standardErrors == nil)
    }

    @Test("captures of several machines give what one of all samples gives, also by way of the document")
    func merging() throws {
        let whole = try table(capture(samples: [0, 1, 2, 3, 4], tilt: 0.3))
        var merge = try OutputMerge(read(capture(samples: [3, 1], tilt: 0.3)))
        let root = try JSONTree.parse(OutputDocument.text(merge))
        merge = try OutputDocument.read(root, file: "d")
        #expect(try merge.add(read(capture(samples: [0, 2, 4], tilt: 0.3))))
        #expect(try !merge.add(read(capture(samples: [3, 1], tilt: 0.3))))
        #expect(merge.sampleCount == 5 && merge.captureCount == 2)
        let parts = try #require(try merge.measurement.table(named: "t"))
        for (layer, format) in whole.layers.flatMap({ layer in whole.formats.map { (layer, $0) } }) {
            let (one, other) = (
                try #require(whole.impact(layer: layer, format: format)),
                try #require(parts.impact(layer: layer, format: format))
            )
            #expect(abs(one / other - 1) < 1e-12)
        }
        // The document is a table of losses with standard errors.
        let text = try OutputDocument.text(merge)
        let reading = try ImpactTableReader.read(text: text, name: "n")
        #expect(reading.shape == .jsonLong && reading.profile == nil)
        #expect(reading.table.meaning == parts.meaning)
        #expect(reading.table.cells == parts.cells && reading.table.standardErrors == parts.standardErrors)
        #expect(try OutputDocument.text(OutputDocument.read(JSONTree.parse(text), file: "d")) == text)
    }

    @Test(
        "what does not belong together or is none of a capture is refused with a sentence",
        arguments: ["perturbations", "unit", "model", "sample", "name", "shape", "order", "negative"]
    )
    func refuses(what: String) throws {
        var other = capture(samples: [7, 8])
        switch what {
        case "perturbations": other.metadata["perturbations"] = "0.1,0.5"
        case "unit": other.metadata["unit"] = "1 - cos"
        case "model": other.metadata["model"] = "other"
        case "sample": other = capture(samples: [1, 8], tilt: 0.1)
        case "name": other.tensors[0].name = "loss.x"
        case "shape": other.tensors[0].shape = [4]
        case "order": other.metadata["perturbations"] = "0.4,0.1"
        default: other.tensors[0].values[0] = -1
        }
        var merge = try OutputMerge(read(capture()))
        let before = merge
        let error = try #require(throws: SensitivityError.self) { try merge.add(read(other)) }
        #expect(!error.description.isEmpty && merge == before)
    }
}
