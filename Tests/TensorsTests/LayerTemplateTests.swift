import Testing

@testable import Tensors

struct LayerTemplateTests {
    @Test(
        "a template writes captures as they are, as numbers, shifted and padded",
        arguments: [
            ("layer{1:02}.img", "layer07.img"), ("layer{1+19:02}.x", "layer26.x"), ("{1+19}", "26"),
            ("{1}", "7"),
            ("{2}", "x"), ("{0}", "whole"), ("plain", "plain"), ("{1:03}{2}", "007x"), ("{1:01}", "7"),
            ("{1+999:02}", "1006"), ("{3}", "07"), ("{3:01}", "7"),
        ]
    )
    func writing(template: String, name: String) throws {
        #expect(try LayerTemplate(template).name(for: "whole", captures: ["7", "x", "07"]) == name)
        #expect(try LayerTemplate(template).description == template)
    }

    @Test(
        "a template gives no name where it wants a number and there is none",
        arguments: ["", "x", "-1", "+1", "1.5", "9223372036854775807", "99999999999999999999", "٣"]
    )
    func noNumber(capture: Substring) throws {
        #expect(try LayerTemplate("{1+1}").name(for: "whole", captures: [capture]) == nil)
    }

    @Test(
        "a malformed template is an error that shows the part",
        arguments: [
            ("", ""), ("a{", "{"), ("a{1", "{1"), ("a}", "}"), ("{}", "{}"), ("{x}", "{x}"),
            ("{1:2}", "{1:2}"),
            ("{1:}", "{1:}"), ("{1+}", "{1+}"), ("{1+x}", "{1+x}"), ("{-1}", "{-1}"),
            ("{1:02:03}", "{1:02:03}"),
            ("{1:99999999999}", "{1:99999999999}"), ("{99999999999999999999}", "{99999999999999999999}"),
        ]
    )
    func malformed(template: String, part: String) {
        #expect(throws: TensorError.malformedTemplate(template, part: part)) { try LayerTemplate(template) }
    }
}
