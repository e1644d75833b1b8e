import Text

extension TableObject {
    /// One of the streams of a stack.
    func stream(_ key: String) throws(SensitivityError) -> Stream {
        try read(key) { place throws(JSONError) in
            guard let stream = Stream(rawValue: try place.string()) else {
                throw place.unexpected("img, txt or x")
            }
            return stream
        }
    }

    /// Moments, as a count, a mean and a sum of squares.
    func moments(_ key: String) throws(SensitivityError) -> RunningMoments {
        try read(key) { place throws(JSONError) in try Self.moments(place) }
    }

    /// Moments, one after the other.
    func momentsList(_ key: String) throws(SensitivityError) -> [RunningMoments] {
        try read(key) { place throws(JSONError) in
            var list: [RunningMoments] = []
            for element in try place.elements() { list.append(try Self.moments(element)) }
            return list
        }
    }

    private static func moments(_ place: JSONPlace) throws(JSONError) -> RunningMoments {
        let elements = try place.elements()
        guard elements.count == 3,
            let moments = RunningMoments(
                count: try elements[0].integer(0...Int.max),
                mean: try elements[1].number(from: 0),
                squares: try elements[2].number(from: 0)
            )
        else { throw place.unexpected("a count, a mean and a sum of squares") }
        return moments
    }
}
