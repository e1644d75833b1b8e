import Text

extension Table {
    /// One entry of a table: what a person sees and what a program gets.
    public struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
        /// What a program gets.
        public enum Value: Hashable, Sendable {
            /// A text.
            case string(String)
            /// A number without a fraction.
            case integer(Int)
            /// A number.
            case number(Double)
            /// True or false.
            case boolean(Bool)
            /// Nothing.
            case null
        }

        /// What a person sees.
        public var text: String
        /// What a program gets.
        public var value: Value

        /// Creates a cell.
        public init(_ text: String, value: Value) {
            self.text = text
            self.value = value
        }

        /// Creates a cell whose text is also its value.
        public init(_ text: String) {
            self.init(text, value: .string(text))
        }

        /// Creates a cell whose text is also its value.
        public init(stringLiteral text: String) {
            self.init(text)
        }

        /// A cell that shows nothing and holds nothing.
        public static let empty = Cell("", value: .null)

        /// A cell that shows an integer by its digits.
        public static func integer(_ integer: Int) -> Cell {
            Cell(integer.description, value: .integer(integer))
        }

        /// A cell that shows a number by the shortest decimal that reads back the same.
        public static func number(_ number: Double) -> Cell {
            Cell(number.shortestDecimal, value: .number(number))
        }

        /// A cell that shows `yes` or `no`.
        public static func boolean(_ boolean: Bool) -> Cell {
            Cell(boolean ? "yes" : "no", value: .boolean(boolean))
        }
    }
}
