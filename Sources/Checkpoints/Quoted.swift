/// The text in quotation marks, its control characters escaped, so that no name can garble a terminal.
///
/// Long texts are cut, because a name may be far longer than a line.
func quoted(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(200)
    let isWhole = shown.endIndex == text.unicodeScalars.endIndex
    return String(String.UnicodeScalarView(shown)).debugDescription + (isWhole ? "" : "…")
}
