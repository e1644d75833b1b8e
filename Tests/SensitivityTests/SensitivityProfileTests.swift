import Sensitivity
import Testing

@Suite("the impact of a loss")
struct SensitivityProfileTests {
    let profile: SensitivityProfile

    init() throws {
        profile = try SensitivityProfile.fluxDev
    }

    @Test("S / sqrt(R) before layer 0 is 67.837 for img and 36.302 for txt")
    func relativeSensitivity() throws {
        #expect(try abs(profile.relativeSensitivity(before: 0, stream: .img) - 67.837) < 0.0005)
        #expect(try abs(profile.relativeSensitivity(before: 0, stream: .txt) - 36.302) < 0.0005)
    }

    @Test(
        "the known losses of casting to Q4_1 give the cells of Table 3, to the rounding of Table 1",
        arguments: [
            (0, Stream.img, 0.0009957239963114262, "layer00.img"),
            (17, .txt, 0.026144051924347878, "layer17.txt"),
            (19, .x, 0.09536448121070862, "layer19.x"),
            (55, .x, 3.4841229915618896, "layer55.x"),
        ]
    )
    func knownLosses(layer: Int, stream: Stream, loss: Double, row: String) throws {
        let cell = try #require(try ImpactTable.fluxDevTable3.impact(layer: row, format: "Q4_1"))
        let impact = try profile.impact(ofCastingLayer: layer, stream: stream, mseLoss: loss)
        #expect(try profile.impact(ofMSELoss: loss, before: layer + 1, stream: stream) == impact)
        // What half a unit of Table 1's last decimal allows ...
        let rounding = 0.00005 / (try profile.sensitivity(before: layer + 1, stream: stream).mean)
        #expect(abs(impact / cell - 1) < rounding)
        // ... and what is found.
        #expect(abs(impact / cell - 1) < 1e-8)
    }

    @Test("the full impact is 100 δ S, and the constant times the impact", arguments: [0.001, 1, 250])
    func fullImpact(loss: Double) throws {
        let delta = try profile.delta(ofMSELoss: loss, before: 5, stream: .txt)
        let full = try profile.fullImpact(ofMSELoss: loss, before: 5, stream: .txt)
        let impact = try profile.impact(ofMSELoss: loss, before: 5, stream: .txt)
        #expect(abs(delta - (12 * loss / 98.46428571428571).squareRoot()) <= 1e-15 * delta)
        #expect(abs(full - 100 * delta * 37.1647) <= 1e-12 * full)
        #expect(abs(full - SensitivityProfile.impactConstant * impact) <= 1e-12 * full)
        #expect(abs(SensitivityProfile.impactConstant - 346.4101615137754) < 1e-9)
    }

    @Test("a loss of zero has no impact")
    func zeroLoss() throws {
        #expect(try profile.impact(ofMSELoss: 0, before: 3, stream: .img) == 0)
        #expect(try profile.delta(ofMSELoss: 0, before: 3, stream: .img) == 0)
        #expect(try profile.fullImpact(ofMSELoss: 0, before: 3, stream: .img) == 0)
    }

    @Test(
        "img and txt have no row once they are joined, and the message says so",
        arguments: [Stream.img, .txt]
    )
    func joined(stream: Stream) throws {
        let error = SensitivityError.streamsJoined(stream: stream, layer: 19, joinLayer: 19)
        #expect(throws: error) { try profile.sensitivity(before: 19, stream: stream) }
        #expect(throws: error) { try profile.meanSquare(ofLayer: 19, stream: stream) }
        #expect(throws: error) { try profile.impact(ofMSELoss: 1, before: 19, stream: stream) }
        #expect(throws: error) { try profile.impact(ofCastingLayer: 18, stream: stream, mseLoss: 1) }
        #expect(error.description.contains("joined into x before layer 19"))
        #expect(error.description.contains("unless the caller gives a value"))
    }

    @Test("x has no row before the streams are joined, nor after the last layer")
    func outsideX() throws {
        #expect(throws: SensitivityError.streamsApart(layer: 18, joinLayer: 19)) {
            try profile.sensitivity(before: 18, stream: .x)
        }
        let last = SensitivityError.noRowAfterLastLayer(layer: 57)
        #expect(throws: last) { try profile.sensitivity(before: 57, stream: .x) }
        #expect(throws: last) { try profile.impact(ofCastingLayer: 56, stream: .x, mseLoss: 1) }
        #expect(last.description.contains("the page has no row for x before layer 57"))
        #expect(last.description.contains("unless the caller gives a value"))
    }

    @Test("layers that the model does not have are errors", arguments: [Int.min, -1, 58, Int.max])
    func outsideTables(layer: Int) throws {
        let error = SensitivityError.layerOutsideTables(layer: layer, last: 56)
        for stream in Stream.allCases {
            #expect(throws: error) { try profile.sensitivity(before: layer, stream: stream) }
            #expect(throws: error) {
                try profile.impact(ofMSELoss: 1, before: layer, stream: stream, relativeSensitivity: 1)
            }
            #expect(throws: error) {
                try profile.impact(ofCastingLayer: layer, stream: stream, mseLoss: 1, relativeSensitivity: 1)
            }
        }
    }

    @Test("a layer can only be cast in a stream that it carries")
    func streamNotInLayer() throws {
        #expect(throws: SensitivityError.streamNotInLayer(stream: .x, layer: 18, joinLayer: 19)) {
            try profile.impact(ofCastingLayer: 18, stream: .x, mseLoss: 1)
        }
        #expect(throws: SensitivityError.streamNotInLayer(stream: .img, layer: 19, joinLayer: 19)) {
            try profile.impact(ofCastingLayer: 19, stream: .img, mseLoss: 1, relativeSensitivity: 1)
        }
    }

    @Test(
        "a loss that is negative, not finite or far too large is an error",
        arguments: [-1, -Double.leastNonzeroMagnitude, .infinity, -.infinity, .nan, .signalingNaN]
    )
    func unusableLoss(loss: Double) throws {
        let error = SensitivityError.unusableLoss("\(loss)")
        #expect(throws: error) { try profile.impact(ofMSELoss: loss, before: 1, stream: .img) }
        #expect(throws: error) { try profile.delta(ofMSELoss: loss, before: 1, stream: .img) }
        #expect(throws: error) { try profile.fullImpact(ofMSELoss: loss, before: 1, stream: .img) }
        #expect(throws: SensitivityError.unusableLoss("1.7976931348623157e+308")) {
            try profile.delta(ofMSELoss: .greatestFiniteMagnitude, before: 0, stream: .img)
        }
    }

    @Test("a given relative sensitivity stands in for a row that the page does not have")
    func givenValue() throws {
        #expect(
            try profile.impact(ofMSELoss: 4, before: 19, stream: .img, relativeSensitivity: 0.5) == 1
        )
        #expect(try profile.impact(ofMSELoss: 4, before: 57, stream: .x, relativeSensitivity: 0.5) == 1)
        #expect(try profile.impact(ofMSELoss: 4, before: 3, stream: .txt, relativeSensitivity: 0.5) == 1)
        #expect(throws: SensitivityError.streamsJoined(stream: .img, layer: 20, joinLayer: 19)) {
            try profile.impact(ofMSELoss: 4, before: 20, stream: .img, relativeSensitivity: 0.5)
        }
        #expect(throws: SensitivityError.streamsApart(layer: 3, joinLayer: 19)) {
            try profile.impact(ofMSELoss: 4, before: 3, stream: .x, relativeSensitivity: 0.5)
        }
    }

    @Test("a given relative sensitivity must be a finite number from 0 up", arguments: [-1, .infinity, .nan])
    func unusableGivenValue(value: Double) throws {
        #expect(throws: SensitivityError.unusableRelativeSensitivity("\(value)")) {
            try profile.impact(ofMSELoss: 1, before: 19, stream: .img, relativeSensitivity: value)
        }
    }

    @Test("the examples of the article on the formula give its figures")
    func article() throws {
        let impact = try profile.impact(ofCastingLayer: 17, stream: .txt, mseLoss: 0.026144051924347878)
        #expect(abs(impact - 0.0978623) < 5e-8)
        let cell = try profile.impact(
            ofCastingLayer: 56,
            stream: .x,
            mseLoss: 0.77,
            relativeSensitivity: TableThreeApproximation.xBefore57.relativeSensitivity
        )
        #expect(abs(cell - 0.00371357) < 5e-9)
    }

    @Test("the approximations are those of Table 3's last rows", arguments: TableThreeApproximation.allCases)
    func approximations(approximation: TableThreeApproximation) throws {
        let given = approximation.relativeSensitivity
        #expect(
            try profile.impact(
                ofMSELoss: 1,
                before: approximation.layer,
                stream: approximation.stream,
                relativeSensitivity: given
            ) == given
        )
        switch approximation {
        case .imgBefore19: #expect(given == 0.07)
        case .txtBefore19:
            let x = try profile.relativeSensitivity(before: 19, stream: .x)
            #expect(abs(given / x - 1) < 1e-5)
        case .xBefore57: #expect(given == 0.004232011)
        }
    }

    @Test("the built-in profile is known by the words of a method that name it, and no other is")
    func builtIn() throws {
        #expect(try SensitivityProfile.builtIn(ofMethod: "errors by the profile flux1-dev") == profile)
        #expect(try SensitivityProfile.builtIn(ofMethod: "errors by the profile mine") == nil)
        #expect(try SensitivityProfile.builtIn(ofMethod: nil) == nil)
    }
}
