import Tensors
import Text

/// Where the data of a file's tensors are said to be, and whether they fill the file without overlap and hole.
struct DataLayout {
    /// A tensor's data.
    struct Part {
        /// The tensor's name.
        let tensor: String
        /// The tensor's position in the order of the header.
        let index: Int
        /// Where the data begin, counted from the beginning of all data.
        let begin: UInt64
        /// The number of bytes, at most 2^59.
        let byteCount: Int
    }

    /// The parts in the order of their data.
    let parts: [Part]

    /// Where all data begin in the file.
    let dataOffset: Int

    /// Each part begins at a multiple of this many bytes, and is padded to one.
    let alignment: Int

    init(_ parts: [Part], dataOffset: Int, alignment: Int) {
        // Files keep this order nearly always, and then sorting is quick.
        self.parts = parts.sorted { ($0.begin, $0.byteCount, $0.index) < ($1.begin, $1.byteCount, $1.index) }
        self.dataOffset = dataOffset
        self.alignment = alignment
    }

    /// Checks that the parts follow one another from 0 to the end of the file.
    ///
    /// The last part's padding may be missing, as readers do not need it.
    func check(in source: ByteSource) throws(CheckpointError) {
        let layout = FileLayout(validHeaderBytes: dataOffset, alignment: alignment)
        var previous: Part?
        var end: UInt64 = 0
        var paddedEnd: UInt64 = 0
        for part in parts {
            let place = place(of: part.begin)
            guard part.begin.isMultiple(of: UInt64(alignment)) else {
                let defect = FileDefect.misaligned(
                    tensor: part.tensor,
                    dataOffset: part.begin,
                    alignment: alignment
                )
                throw source.defect(defect, at: place)
            }
            // Beginning at a multiple of the alignment before the padded end, it begins before the end itself.
            if part.begin < paddedEnd, let previous {
                let defect = FileDefect.overlap(
                    tensor: part.tensor,
                    other: previous.tensor,
                    byteCount: end - part.begin
                )
                throw source.defect(defect, at: place)
            }
            guard part.begin == paddedEnd else {
                let defect = FileDefect.hole(tensor: part.tensor, byteCount: part.begin - paddedEnd)
                throw source.defect(defect, at: self.place(of: paddedEnd))
            }
            // The tensors have at most 2^56 elements in all, which the caller sees to, and at most a million
            // paddings of a mebibyte, so the ends stay below 2^61.
            end = part.begin + UInt64(part.byteCount)
            paddedEnd = part.begin + UInt64(layout.paddedByteCount(part.byteCount))
            previous = part
        }
        try checkEnd(end: Int(end), paddedEnd: Int(paddedEnd), in: source)
    }

    private func checkEnd(end: Int, paddedEnd: Int, in source: ByteSource) throws(CheckpointError) {
        let available = source.byteCount - dataOffset
        if end > available {
            let cut = parts.first { $0.begin + UInt64($0.byteCount) > UInt64(max(0, available)) }
            let defect = FileDefect.dataEndEarly(tensor: cut?.tensor ?? "", missing: end - available)
            throw source.defect(defect, at: source.byteCount)
        }
        guard paddedEnd >= available else {
            throw source.defect(.trailingBytes(count: available - paddedEnd), at: dataOffset + paddedEnd)
        }
    }

    private func place(of begin: UInt64) -> Int {
        let (place, overflow) = begin.addingReportingOverflow(UInt64(dataOffset))
        return overflow ? Int.max : Int(clamping: place)
    }
}
