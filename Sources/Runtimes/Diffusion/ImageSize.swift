/// The size of a picture, in pixels.
public struct ImageSize: Hashable, Sendable, CustomStringConvertible {
    /// The pixels of a line.
    public let width: Int
    /// The lines.
    public let height: Int

    /// A picture of 1,024 by 1,024 pixels.
    public static let standing = ImageSize(unchecked: 1_024, 1_024)

    /// Creates a size.
    ///
    /// - Throws: ``RuntimeError/settingOutOfRange(name:value:range:)`` for a side below 64 or above 16,384.
    public init(width: Int, height: Int) throws(RuntimeError) {
        for (name, value) in [("the width", width), ("the height", height)] {
            guard 64...16_384 ~= value else {
                throw .settingOutOfRange(name: "\(name) of the picture", value: value, range: 64...16_384)
            }
        }
        self.init(unchecked: width, height)
    }

    /// The size that a text such as `1024x768` describes, or nil where it is none.
    public init?(described text: String) {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1],
            let size = try? ImageSize(width: width, height: height), size.description == text
        else { return nil }
        self = size
    }

    private init(unchecked width: Int, _ height: Int) {
        self.width = width
        self.height = height
    }

    /// The pixels of the picture.
    public var pixels: Int { width * height }

    /// The size as it is typed, such as `1024x1024`.
    public var description: String { "\(width)x\(height)" }
}
