import Testing

@testable import Reports

@Suite struct NumberedNamesTests {
    private func names(_ numbers: String...) -> NumberedNames {
        NumberedNames(frame: .init(prefix: "blk.", suffix: ".w"), numbers: numbers)
    }

    @Test("numbers are joined into runs, in ascending order")
    func runs() {
        #expect(names("3", "1", "2", "7").text == "blk.1-3,7.w")
        #expect(names("0").text == "blk.0.w")
        #expect(names("9", "10").text == "blk.9-10.w")
        #expect(names("09", "010").text == "blk.09,010.w")
        #expect(
            names("99999999999999999999", "100000000000000000000").text
                == "blk.99999999999999999999-100000000000000000000.w"
        )
        #expect(names("1", "2", "4").count == 3)
    }

    @Test("an item that is too long is several, each with its frame")
    func widths() {
        let long = names("1", "3", "5", "7")
        #expect(long.texts(width: 11) == ["blk.1,3,5.w", "blk.7.w"])
        #expect(long.texts(width: 9) == ["blk.1,3.w", "blk.5,7.w"])
        #expect(long.texts(width: 1) == ["blk.1.w", "blk.3.w", "blk.5.w", "blk.7.w"])
    }

    @Test("every run of digits is a number of a name, and a name without one has none")
    func places() {
        let places = NumberedNames.places(in: "v2.blk.10.w")
        #expect(places.map(\.number) == ["2", "10"])
        #expect(places.map(\.frame.prefix) == ["v", "v2.blk."])
        #expect(places.map(\.frame.suffix) == [".blk.10.w", ".w"])
        #expect(NumberedNames.places(in: "out").isEmpty && NumberedNames.places(in: "").isEmpty)
    }

    @Test("characters that are not seen are shown")
    func unseen() {
        #expect(
            NumberedNames(frame: .init(prefix: "a\u{1B}", suffix: nil), numbers: ["1"]).text == "a\\u{1b}1"
        )
    }
}
