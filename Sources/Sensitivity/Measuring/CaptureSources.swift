import Text

/// Which captures were added up, so that none of them, and no sample, counts twice.
struct CaptureSources: Hashable, Sendable {
    /// A capture that was added.
    struct Source: Hashable, Sendable {
        var digest: String
        var samples: [Int]
        /// What it had values for.
        var entries: [String]
    }

    private(set) var list: [Source] = []
    private var digests: Set<String> = []
    private var samplesOfEntry: [String: Set<Int>] = [:]

    /// The number of different samples.
    var sampleCount: Int { Set(list.flatMap(\.samples)).count }

    /// Whether a capture was added.
    func contains(digest: String) -> Bool { digests.contains(digest) }

    /// Notes a capture.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` for one that was noted before, and one that has a sample for which a value
    ///   was noted from another.
    mutating func note(_ source: Source) throws(SensitivityError) {
        for entry in source.entries {
            if let known = samplesOfEntry[entry], let twice = source.samples.first(where: known.contains) {
                throw .unusableMeasurement(
                    "sample \(twice) has \(entry.quoted) in two captures: leave one of them out, or number the samples of "
                        + "each machine apart"
                )
            }
        }
        guard digests.insert(source.digest).inserted else {
            throw .unusableMeasurement("a capture is there twice: delete one")
        }
        for entry in source.entries {
            samplesOfEntry[entry, default: []].formUnion(source.samples)
        }
        list.append(source)
    }
}
