extension AllocationProblem {
    /// The most options that a problem may hold; indices into them are kept in 32 bits.
    public static let optionLimit = 1_000_000_000

    func validate() throws(AllocationError) {
        guard !layerNames.isEmpty else { throw .invalidProblem("there are no layers") }
        let count = optionBytes.count
        guard count <= Self.optionLimit else {
            throw .invalidProblem("there are more than \(Self.optionLimit) options")
        }
        guard firstOption.count == layerNames.count + 1, firstOption.first == 0, firstOption.last == count,
            optionFormat.count == count, optionImpact.count == count
        else {
            throw .invalidProblem("the columns of options do not have the same length")
        }
        guard fixedBytes >= 0 else { throw .invalidProblem("the size of what is kept is negative") }
        guard budget >= 0 else { throw .invalidProblem("the budget is negative") }
        var largestFile = fixedBytes
        var largestImpact = 0.0
        for layer in layerNames.indices {
            guard firstOption[layer] < firstOption[layer + 1] else {
                throw .invalidProblem("layer \(layerNames[layer]) has no format it may take")
            }
            var largest = 0
            var worst = 0.0
            for option in options(ofLayer: layer) {
                let impact = optionImpact[option]
                guard Int(optionFormat[option]) < formatNames.count else {
                    throw .invalidProblem(
                        "an option of layer \(layerNames[layer]) has a format that is not listed"
                    )
                }
                guard impact >= 0, impact.isFinite else {
                    throw .invalidProblem(
                        "the impact of \(formatNames[Int(optionFormat[option])]) on layer \(layerNames[layer]) is "
                            + "\(impact); it must be a finite number that is not negative"
                    )
                }
                guard optionBytes[option] >= 0 else {
                    throw .invalidProblem("layer \(layerNames[layer]) has a negative size")
                }
                largest = max(largest, optionBytes[option])
                worst = max(worst, impact)
            }
            let (sum, overflow) = largestFile.addingReportingOverflow(largest)
            guard !overflow else {
                throw .invalidProblem("the sizes of the layers add up to more than 2^63 bytes")
            }
            largestFile = sum
            largestImpact += worst
        }
        // The search multiplies impacts by small counts, which must stay finite as well.
        guard largestImpact < 1e290 else {
            throw .invalidProblem("the impacts are too large to be added; divide the table by a constant")
        }
    }
}
