extension SensitivityAnalysisPage {
    /// The sensitivity analysis of FLUX.1-dev, which is built into the program.
    ///
    /// - Throws: What ``init(markdown:name:)`` throws, if the page was damaged when the program was built.
    public static var fluxDev: SensitivityAnalysisPage {
        get throws(SensitivityError) { try builtIn.get() }
    }

    /// Read once, when first asked for.
    private static let builtIn: Result<SensitivityAnalysisPage, SensitivityError> = Result {
        () throws(SensitivityError) -> SensitivityAnalysisPage in
        try SensitivityAnalysisPage(
            markdown: String(decoding: PackageResources.sensitivity_analysis_md, as: UTF8.self),
            name: "flux1-dev-table3",
            profileName: "flux1-dev",
            file: "sensitivity-analysis.md"
        )
    }
}

extension SensitivityProfile {
    /// Tables 1 and 2 for FLUX.1-dev, built in.
    ///
    /// - Throws: As ``SensitivityAnalysisPage/fluxDev``.
    public static var fluxDev: SensitivityProfile {
        get throws(SensitivityError) { try SensitivityAnalysisPage.fluxDev.profile }
    }

    /// The built-in profile that impacts were made with.
    ///
    /// - Parameter method: How the impacts were made, as their table says it: its last words name the profile.
    /// - Returns: The profile; nil where none is named, or one that is not built in.
    /// - Throws: As ``fluxDev``.
    public static func builtIn(ofMethod method: String?) throws(SensitivityError) -> SensitivityProfile? {
        let fluxDev = try fluxDev
        return method?.hasSuffix(fluxDev.name) == true ? fluxDev : nil
    }
}

extension ImpactTable {
    /// Table 3 for FLUX.1-dev, built in: 76 layers and 4 formats.
    ///
    /// - Throws: As ``SensitivityAnalysisPage/fluxDev``.
    public static var fluxDevTable3: ImpactTable {
        get throws(SensitivityError) { try SensitivityAnalysisPage.fluxDev.impacts }
    }
}
