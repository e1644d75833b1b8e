import Foundation
import Text

extension CommandLine {
    /// The arguments without the program's own name, those that are no UTF-8 among them: a file may have any name.
    static var systemArguments: [String] {
        (1..<max(1, Int(argc))).compactMap { index in
            unsafeArgv[index].map { argument in
                String(systemPath: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
            }
        }
    }
}
