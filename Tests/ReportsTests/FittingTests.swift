import Reports
import Testing

/// Text and tables on a terminal that is narrower than they are.
@Suite struct FittingTests {
    private let style = TerminalStyle(isEnabled: false, width: 30)

    @Test("a line goes on under what follows its label, and a number keeps its unit")
    func sentences() {
        #expect(
            style.fitted("Size    a file of some 9.00 GB (8.38 GiB) in all\nshort")
                == "Size    a file of some 9.00 GB\n        (8.38 GiB) in all\nshort"
        )
        let labelled = "Changes which are many and far between"
        #expect(style.fitted(labelled, labels: 8) == "Changes which are many and far\n        between")
        #expect(style.fitted(labelled) == "Changes which are many and far\nbetween")
        #expect(style.fitted("no label here, but words and words") == "no label here, but words and\nwords")
    }

    @Test("a word that is longer than a line stays whole, and so does a row of a table")
    func longWords() {
        let word = String(repeating: "x", count: 40)
        #expect(style.fitted("a \(word) b") == "a\n\(word)\nb")
        for row in ["first  second  third and much more text", "a first column of names  12,345"] {
            #expect(style.fitted(row) == row)
        }
    }

    @Test("a name in quotation marks, or quoted for a shell, is not broken, and a mark alone begins none")
    func quotedNames() {
        #expect(
            style.fitted(#"here there is no file "a name of words.gguf"; check it"#)
                == "here there is no file\n\"a name of words.gguf\"; check\nit"
        )
        #expect(
            style.fitted("write it to another file ('it is here', say)")
                == "write it to another file\n('it is here', say)"
        )
        #expect(
            style.fitted("a mark \" alone among all the words") == "a mark \" alone among all the\nwords"
        )
    }

    @Test("the rows of names that leave no room beside them stand below the names")
    func stacks() {
        var table = Table(columns: [
            Table.Column("Name"), Table.Column("Size", .right), Table.Column("Type"),
        ])
        table.append(["a-name-that-takes-30-columns.x", .integer(12), "F16"])
        table.append(["b", .integer(1_234), ""])
        #expect(
            table.text(style: style) == """
                Name
                  Size  Type
                  ----  ----
                a-name-that-takes-30-columns.x
                    12  F16
                b
                  1234

                """
        )
    }

    @Test("emphasis takes no room")
    func emphasis() {
        let bold = TerminalStyle(isEnabled: true, width: 30)
        let line = bold.bold("as wide as the terminal itself")
        #expect(bold.fitted(line) == line)
    }

    @Test("a column of words is narrowed")
    func narrows() {
        var table = Table(columns: [Table.Column("Name"), Table.Column("Size", .right), Table.Column("Why")])
        table.append(["a", .integer(12), "it is needed for what follows"])
        #expect(
            table.text(style: style) == """
                Name  Size  Why
                ----  ----  ------------------
                a       12  it is needed for
                            what follows

                """
        )
    }

    @Test("columns that do not fit beside each other stand in tables of their own, each with the first")
    func splits() {
        var table = Table(columns: [
            Table.Column("Name"), Table.Column("First figure", .right), Table.Column("Second figure", .right),
        ])
        table.append(["a", .integer(1), .integer(2)])
        #expect(
            table.text(style: style) == """
                Name  First figure
                ----  ------------
                a                1

                Name  Second figure
                ----  -------------
                a                 2

                """
        )
    }

    @Test("a row that goes on in one of several tables leaves no empty line in the others")
    func splitsContinuedRows() {
        var table = Table(columns: [
            Table.Column("Name"), Table.Column("First figure", .right),
            Table.Column("Which layers there are"),
        ])
        table.append(["a", .integer(1), "one-long-word-of-layers"])
        table.append(["", "", "another-of-these-layers"])
        #expect(
            table.text(style: style) == """
                Name  First figure
                ----  ------------
                a                1

                Name  Which layers there are
                ----  -----------------------
                a     one-long-word-of-layers
                      another-of-these-layers

                """
        )
    }

    @Test("a column with neither a heading nor a text is not shown, nor a table that would have nothing else")
    func dropsEmptyColumns() {
        let table = Table(
            columns: [.init("Name"), .init(""), .init("Which layers there are"), .init("")],
            rows: [["a", "", "one-long-word-of-layers", ""]]
        )
        #expect(
            table.text() == """
                Name  Which layers there are
                ----  -----------------------
                a     one-long-word-of-layers

                """
        )
        #expect(table.text(style: style) == table.text())
    }

    @Test("of several tables none is for columns without a text")
    func dropsEmptyTables() {
        let columns = [
            Table.Column("Plan"), Table.Column("Kind"), Table.Column("Size of the whole file", .right),
            Table.Column("Impact by the table", .right), Table.Column("Except"),
        ]
        var table = Table(columns: columns, keyColumnCount: 2)
        table.append(["first", "file", "1234567", "0.25", ""])
        let style = TerminalStyle(isEnabled: false, width: 60)
        let text = table.text(style: style)
        #expect(!text.contains("Except") && text.split(separator: "\n").count == 3, "\(text)")
        table.append(["second", "file", "1234567", "0.25", "layer in F32"])
        let parts = table.text(style: style).split(separator: "\n\n")
        #expect(parts.count == 2 && parts.last?.contains("layer in F32") == true, "\(parts)")
    }
}
