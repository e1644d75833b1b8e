/// A problem with several limits, a part of which follows an order: segments in a row are put on places in a row, and no segment
/// is on an earlier place than the one before it.
///
/// So a program that gives the first blocks of a network to one device and the next ones to the next splits it. Where a
/// segment is decides what it takes, and what the options of its own layers take; the other layers are free.
public struct OrderedResourceProblem: Sendable {
    /// A segment on one place.
    public struct Place: Hashable, Sendable {
        /// What the segment costs whatever is chosen.
        public var cost: Double
        /// What the segment takes of each resource whatever is chosen.
        public var uses: [Double]
        /// The largest peak of what the segment takes whatever is chosen.
        public var peak: Double
        /// The options of the segment's layers, as many layers on every place.
        public var layers: [[ResourceProblem.Option]]
        /// Whether the segment may be there; where not, the other figures play no part.
        public var isOpen: Bool

        /// Creates a segment on a place.
        public init(
            cost: Double = 0,
            uses: [Double],
            peak: Double = 0,
            layers: [[ResourceProblem.Option]] = [],
            isOpen: Bool = true
        ) {
            self.cost = cost
            self.uses = uses
            self.peak = peak
            self.layers = layers
            self.isOpen = isOpen
        }
    }

    /// The most that may be taken of each resource.
    public let limits: [Double]
    /// The resource that gives room, once, to the largest peak of all that is chosen; nil where there are no peaks.
    public let peakResource: Int?
    /// The layers that are bound to no segment.
    let free: ResourceProblem
    /// Of each segment, what it is on each place.
    let segments: [[SegmentPlace]]

    struct SegmentPlace: Sendable {
        let cost: Double
        let uses: [Double]
        let peak: Double
        let layers: ResourceProblem
        let isOpen: Bool
    }

    /// The number of segments.
    public var segmentCount: Int { segments.count }
    /// The number of places.
    public var placeCount: Int { segments.first?.count ?? 1 }
    /// The number of free layers.
    public var freeLayerCount: Int { free.layerCount }
    /// The options of all layers, those of a segment's on each of its places counted.
    public var optionCount: Int {
        segments.joined().reduce(free.cost.count) { $0 + $1.layers.cost.count }
    }

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - free: The options of each layer that is bound to no segment.
    ///   - segments: Of each segment, in their order, what it is on each place, in theirs.
    ///   - limits: The most that may be taken of each resource.
    ///   - peakResource: The resource that gives room, once, to the largest peak of all that is chosen.
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for no layers or limits, segments with different numbers of places, places
    ///   with different numbers of layers, peaks without a resource for them, and what ``ResourceProblem`` refuses.
    public init(
        free: [[ResourceProblem.Option]],
        segments: [[Place]],
        limits: [Double],
        peakResource: Int? = nil
    ) throws(AllocationError) {
        guard !limits.isEmpty else { throw .invalidProblem("there are no limits") }
        let places = segments.first?.count ?? 0
        var own: [[SegmentPlace]] = []
        for (index, segment) in segments.enumerated() {
            let layers = segment.first?.layers.count
            guard segment.count == places, places > 0, segment.allSatisfy({ $0.layers.count == layers })
            else {
                throw .invalidProblem(
                    "segment \(index) has not the same places, or not the same layers on each"
                )
            }
            var found: [SegmentPlace] = []
            for place in segment {
                guard place.uses.count == limits.count,
                    (place.uses + [place.cost, place.peak]).allSatisfy({ $0 >= 0 && $0 < 1e200 })
                else {
                    throw .invalidProblem("a figure of segment \(index) is negative, not finite, or missing")
                }
                found.append(
                    SegmentPlace(
                        cost: place.cost,
                        uses: place.uses,
                        peak: place.peak,
                        layers: try ResourceProblem(perhapsNoLayers: place.layers, limits: limits),
                        isOpen: place.isOpen
                    )
                )
            }
            own.append(found)
        }
        self.limits = limits
        self.peakResource = peakResource
        self.free = try ResourceProblem(perhapsNoLayers: free, limits: limits)
        self.segments = own
        guard self.free.layerCount > 0 || own.contains(where: { $0.contains { $0.layers.layerCount > 0 } })
        else {
            throw .invalidProblem("there are no layers")
        }
        guard peakResource.map(limits.indices.contains) ?? (largestPeak == 0) else {
            throw .invalidProblem("no resource gives room to the largest peak")
        }
    }

    private init(
        free: ResourceProblem,
        segments: [[SegmentPlace]],
        limits: [Double]
    ) {
        self.free = free
        self.segments = segments
        self.limits = limits
        peakResource = nil
    }

    /// The peaks that there are, and 0, the least first.
    var peaks: [Double] {
        var found = Set(free.peaks)
        found.insert(0)
        for place in segments.joined() where place.isOpen {
            found.insert(place.peak)
            found.formUnion(place.layers.peaks)
        }
        return found.sorted()
    }

    private var largestPeak: Double {
        segments.joined().reduce(free.peaks.max() ?? 0) { max($0, $1.peak, $1.layers.peaks.max() ?? 0) }
    }

    /// The problem without peaks in which none is beyond `most`, and `room` is kept for the largest; nil where no choice is left.
    func problem(peaksUpTo most: Double, room: Double) -> OrderedResourceProblem? {
        guard let peakResource, limits[peakResource] >= room else { return nil }
        var limits = limits
        limits[peakResource] -= room
        guard let free = ResourceProblem(free, peaksUpTo: most, limits: limits) else { return nil }
        var segments = segments
        for (index, segment) in segments.enumerated() {
            for (place, own) in segment.enumerated() {
                let layers =
                    own.isOpen && own.peak <= most
                    ? ResourceProblem(own.layers, peaksUpTo: most, limits: limits) : nil
                segments[index][place] = SegmentPlace(
                    cost: own.cost,
                    uses: own.uses,
                    peak: own.peak,
                    layers: layers ?? own.layers,
                    isOpen: layers != nil
                )
            }
        }
        return OrderedResourceProblem(free: free, segments: segments, limits: limits)
    }

    /// The number that an option of a layer has in this problem, given that among the options with peaks up to `most`.
    static func number(_ number: Int, ofLayer layer: Int, in part: ResourceProblem, peaksUpTo most: Double)
        -> Int
    {
        let options = part.options(ofLayer: layer)
        let allowed = options.filter { part.peaks[$0] <= most }
        return allowed[number] - options.lowerBound
    }

    /// The problem that is left where every segment has its place, or nil where the segments alone take more than there is.
    ///
    /// Its layers are the free ones, and then those of each segment.
    func problem(placing places: [Int]) -> ResourceProblem? {
        var limits = limits
        for (segment, place) in zip(segments, places) {
            for resource in limits.indices { limits[resource] -= segment[place].uses[resource] }
        }
        guard limits.allSatisfy({ $0 >= 0 }) else { return nil }
        return ResourceProblem(
            joining: [free] + zip(segments, places).map { $0[$1].layers },
            limits: limits
        )
    }
}
