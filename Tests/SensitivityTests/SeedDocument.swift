import Foundation

/// The page of the sensitivity analysis as it stands in the sources.
enum SeedDocument {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Sensitivity/Tables/sensitivity-analysis.md").path

    static func text() throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// A page with three short tables, in which a test changes one thing.
    static let small = """
        # A page

        #### Table 1

        |perturb hidden states before layer|MSE loss at the end|MSE loss at the end|MSE loss at the end|
        |-|-|-|-|
        |states perturbed|img|txt|x|
        |  0 |  4.0 +/-   0.5|  3.0 +/-   0.25||
        |  1 |  2.0 +/-   0.5|  1.0 +/-   0.25||
        |  2 |||  6.0 +/-   0.125|

        #### Table 2

        |layer|MS(img)|MS(txt)|MS(x)|
        |-|-|-|-|
        |0|4.0|9.0||
        |1|16.0|25.0||
        |2|||36.0|

        #### Table 3

        |layer|Q4_1|torch.float8_e4m3fn|
        |-|-|-|
        |layer00.img|0.5|0.25|
        |layer00.txt|inf||
        """
}
