import Recipes
import Tensors

/// Which blocks of FLUX.1, and which of their streams, are cast to what: a list as two converters read it from YAML.
struct FluxCasts {
    /// Some blocks, in one stream or in all they have, and what they are cast to.
    struct Entry: Hashable {
        var blocks: [Int]
        var stream: FluxPlace.Stream?
        var cast: String

        /// The blocks as YAML; a single number is quoted, so that it stays a text.
        var blocksText: String {
            let text = NumberRanges.text(blocks)
            return blocks.count == 1 ? "'\(text)'" : text
        }
    }

    /// What each place of the model is cast to.
    let places: [FluxPlace: String]
    private let spellings: [String]
    private let converter: any Converter

    /// Finds the cast of every place.
    ///
    /// - Throws: `RecipeError.wrongModel(tensor:converter:expected:)` for a planned tensor that no place of FLUX.1 has,
    ///   or a place that the recipe does not plan.
    init(_ recipe: CheckedRecipe, for converter: any Converter) throws(RecipeError) {
        var places: [FluxPlace: String] = [:]
        for assignment in recipe.assignments where assignment.layer != nil {
            // What is planned to stay as it is needs no entry.
            if converter.neverQuantizes(assignment.tensor) { continue }
            guard let place = FluxPlace(name: assignment.tensor.name) else {
                throw .wrongModel(
                    tensor: assignment.tensor.name,
                    converter: converter.name,
                    expected: "FLUX.1's 57 blocks"
                )
            }
            places[place] = converter.spelling(of: assignment.format) ?? assignment.format.name
        }
        if let place = FluxPlace.all.first(where: { places[$0] == nil }) {
            throw .wrongModel(
                tensor: place.layerName,
                converter: converter.name,
                expected: "recipes for all of FLUX.1's 57 blocks"
            )
        }
        self.places = places
        self.converter = converter
        spellings = Self.spellings(of: converter)
    }

    /// What a converter's list may cast to, each once: what is left as it is has one spelling for every type.
    static func spellings(of converter: any Converter) -> [String] {
        converter.formats.map(\.spelling).reduce(into: []) { found, spelling in
            if !found.contains(spelling) { found.append(spelling) }
        }
    }

    /// An entry for each stream and cast; those of the single blocks name no stream.
    var entriesByStream: [Entry] {
        FluxPlace.Stream.allCases.flatMap { stream in
            spellings.compactMap { cast in
                let blocks = FluxPlace.all.filter { $0.stream == stream && places[$0] == cast }.map(\.block)
                guard !blocks.isEmpty else { return nil }
                return Entry(blocks: blocks, stream: stream == .x ? nil : stream, cast: cast)
            }
        }
    }

    /// An entry for each cast of whole blocks, whose streams must agree.
    var entriesByBlock: [Entry] {
        spellings.compactMap { cast in
            let blocks = (0..<FluxPlace.blocks).filter { block in
                FluxPlace.all.contains { $0.block == block && places[$0] == cast }
            }
            guard !blocks.isEmpty else { return nil }
            return Entry(blocks: blocks, stream: nil, cast: cast)
        }
    }

    /// Reads the entries back from YAML and checks that exactly one of them, the right one, is for each place.
    ///
    /// - Throws: `RecipeError.ruleMismatch(tensor:planned:found:converter:)`.
    func prove(_ yaml: String) throws(RecipeError) {
        let entries = Self.entries(in: yaml)
        for place in FluxPlace.all {
            let found = entries.filter {
                $0.blocks.contains(place.block) && ($0.stream == nil || $0.stream == place.stream)
            }.map(\.cast)
            guard let planned = places[place], found == [planned] else {
                throw .ruleMismatch(
                    tensor: place.layerName,
                    planned: places[place] ?? "nothing",
                    found: found.isEmpty ? "nothing" : found.joined(separator: " and "),
                    converter: converter.name
                )
            }
        }
    }

    /// The entries of a list of mappings with the keys `layers`, `blocks` and `castto`.
    private static func entries(in yaml: String) -> [Entry] {
        var entries: [Entry] = []
        for line in yaml.split(separator: "\n") {
            var text = line.drop { $0 == " " }
            if text.hasPrefix("- ") {
                text = text.dropFirst(2)
                entries.append(Entry(blocks: [], stream: nil, cast: ""))
            }
            guard !entries.isEmpty, let colon = text.firstIndex(of: ":") else { continue }
            let value = text[text.index(after: colon)...].filter { $0 != "'" }.drop { $0 == " " }
            switch text[..<colon] {
            case "layers": entries[entries.count - 1].blocks = NumberRanges.numbers(value) ?? []
            case "blocks": entries[entries.count - 1].stream = FluxPlace.Stream(rawValue: String(value))
            case "castto": entries[entries.count - 1].cast = String(value)
            default: break
            }
        }
        return entries
    }
}
