import Foundation
import Text

extension OutputMeasurement {
    /// With which power of the perturbation the losses grow; nil where there is one size only.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for losses that do not grow.
    public func exponent() throws(SensitivityError) -> PerturbationExponent? {
        guard let exponent = PerturbationExponent(of: self) else { return nil }
        guard exponent.value > 0, exponent.value.isFinite else {
            throw .unusableMeasurement(
                "the losses do not grow with the perturbation, and say nothing: take larger perturbations, or float32"
            )
        }
        return exponent
    }

    /// The losses at the end of casting each layer to each format, as a table; nil if no layer was cast.
    ///
    /// Casting a layer makes the mean square error `L` in its output, of the mean square `R`. A perturbation of the full width δ has
    /// `δ²·R/12`, so the cast acts like `δ = sqrt(12·L/R)`, and costs `A·δ^p`: the power p is fitted to all layers, see
    /// ``PerturbationExponent``, and `A` is the geometric mean over the sizes of `loss/δ^p` of the layer. The standard error of a
    /// cell, to first order, has that of the losses at the end and that of `L`, over the samples; of one sample nothing is known of it.
    ///
    /// - Parameter name: The table's name.
    /// - Returns: The table, whose cells are losses; a cast that was not finite for some sample is `inf`, one that was not measured
    ///   blank.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` where a layer was cast and its output was not measured, and where
    ///   losses do not grow with the perturbation, or are too large to be added.
    public func table(named name: String) throws(SensitivityError) -> ImpactTable? {
        guard !casts.isEmpty else { return nil }
        let fitted = try exponent()
        let power = fitted?.value ?? PerturbationExponent.assumed
        let cast = layers.filter { layer in formats.contains { casts[Cast(layer: layer, format: $0)] != nil }
        }
        var cells: [[ImpactCell]] = []
        var errors: [[Double?]] = []
        for layer in cast {
            var row: [ImpactCell] = []
            var rowErrors: [Double?] = []
            for format in formats {
                let (cell, error) = try self.cell(Cast(layer: layer, format: format), power)
                row.append(cell)
                rowErrors.append(error)
            }
            cells.append(row)
            errors.append(rowErrors)
        }
        return try ImpactTable(
            name: name,
            formats: formats,
            layers: cast,
            cells: cells,
            standardErrors: errors.contains { $0.contains { $0 != nil } } ? errors : nil,
            meaning: ImpactMeaning(
                kind: .loss,
                unit: unit,
                method: "captured outputs, losses as "
                    + (fitted?.description ?? "the power 2 of the perturbation, which is assumed")
            )
        )
    }

    private func cell(_ cast: Cast, _ power: Double) throws(SensitivityError) -> (ImpactCell, Double?) {
        guard let record = casts[cast] else { return (.forbidden(.blank), nil) }
        guard record.infiniteCount == 0 else { return (.forbidden(.infinite), nil) }
        guard record.losses.count > 0 else { return (.forbidden(.blank), nil) }
        guard let output = outputs[cast.layer], output.meanSquares.count > 0,
            output.losses.allSatisfy({ $0.count > 0 })
        else {
            throw .unusableMeasurement(
                "\(cast.layer.quoted) was cast, but its end_loss or mean_square is not known: measure them"
            )
        }
        let (error, size) = (record.losses, output.meanSquares.mean)
        let known = zip(perturbations, output.losses).filter { $1.mean > 0 }
        // An output that nothing reaches costs nothing, and neither does a cast that changes nothing.
        guard !known.isEmpty, error.mean > 0, size > 0 else { return (.impact(0), nil) }
        let logarithm = known.reduce(0) { $0 + log($1.1.mean) - power * log($1.0) } / Double(known.count)
        let loss = exp(logarithm + power / 2 * log(12 * error.mean / size))
        guard loss.isFinite, error.isFinite, output.losses.allSatisfy(\.isFinite) else {
            throw .unusableMeasurement(
                "the losses of \(cast.layer.quoted) are too large: scale the model's outputs"
            )
        }
        guard error.count > 1, output.losses.allSatisfy({ $0.count > 1 }) else { return (.impact(loss), nil) }
        // The sizes were measured on the same samples, so their errors are taken to go together.
        let ofLosses = known.reduce(0) { $0 + $1.1.standardError / $1.1.mean } / Double(known.count)
        let ofCast = power / 2 * error.standardError / error.mean
        return (.impact(loss), loss * (ofLosses * ofLosses + ofCast * ofCast).squareRoot())
    }
}
