import ArgumentParser

/// Where a command puts what it makes.
enum Destination: Hashable, ExpressibleByArgument {
    /// Standard output: `-`, or one of the names that the system has for it.
    case standardOutput
    /// A file, or something that is written to like one.
    case file(String)

    /// The names of standard output.
    ///
    /// Written to as a file, it would be begun anew and what stands in it lost.
    private static let namesOfStandardOutput: Set = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]

    init(argument: String) {
        self = Self.namesOfStandardOutput.contains(argument) ? .standardOutput : .file(argument)
    }

    /// The path of the file, nil for standard output.
    var path: String? {
        if case .file(let path) = self { path } else { nil }
    }

    var defaultValueDescription: String { path ?? "-" }
}
