/// The ending of the name of one of several files that hold a model, such as `-00002-of-00003.gguf`.
package struct ShardName: Hashable {
    /// The name without its ending.
    package let base: String

    /// The number of the file, counted from 1.
    package let number: Int

    /// The number of files.
    package let count: Int

    /// Reads a name that ends so, or gives nil.
    package init?(_ name: String, fileExtension: String) {
        let pattern = "-00001-of-00001"
        let ending = "." + fileExtension
        guard name.utf8.count > pattern.utf8.count + ending.utf8.count, name.hasSuffix(ending) else {
            return nil
        }
        let stem = name.utf8.dropLast(ending.utf8.count)
        let tail = Array(stem.suffix(pattern.utf8.count))
        for (byte, model) in zip(tail, pattern.utf8) {
            let isDigit = (0x30...0x39).contains(byte)
            guard (0x30...0x39).contains(model) ? isDigit : byte == model else { return nil }
        }
        number = tail[1..<6].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        count = tail[10..<15].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        base = String(decoding: stem.dropLast(pattern.utf8.count), as: UTF8.self)
    }

    /// The ending of the name of file `number` of `count`, counted from 1.
    package static func ending(number: Int, count: Int, fileExtension: String) -> String {
        "-\(fiveDigits(number))-of-\(fiveDigits(count)).\(fileExtension)"
    }

    private static func fiveDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
