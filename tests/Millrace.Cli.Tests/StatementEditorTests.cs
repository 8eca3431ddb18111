using Millrace.Cli.Sql;
using Millrace.Cli.Sql.Editing;
using Millrace.Storage.InMemory;
using static Millrace.Cli.Tests.ScriptedTerminal;

namespace Millrace.Cli.Tests;

/// <summary>Tests the editor of SQL statements: its keys, history and completion.</summary>
public sealed class StatementEditorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-history-").FullName;

    private string HistoryFile => Path.Combine(_directory, "millrace", "history.jsonl");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("SELECT 1;\r", "SELECT 1;")]
    [InlineData("SELECT\r 1\r;\r", "SELECT\n 1\n;")]
    [InlineData("SELECT ';\r';\r", "SELECT ';\n';")]
    [InlineData("SELECT 1 -- no;\r;\r", "SELECT 1 -- no;\n;")]
    [InlineData("SELECT $$;\r$$;\r", "SELECT $$;\n$$;")]
    [InlineData("SELECT 12\b3;\r", "SELECT 13;")]
    [InlineData("nope\u0003SELECT 1;\r", "SELECT 1;")]
    [InlineData("CT 1;\u0001SELE\u0005\r", "SELECT 1;")]
    [InlineData("SELECT a b\u0017c;\r", "SELECT a c;")]
    [InlineData("SELECT '😀'\b\bé';\r", "SELECT 'é';")]
    [InlineData(".views\r", ".views")]
    public async Task Keys_edit_a_statement(string keys, string expected) =>
        Assert.Equal(expected, await Read(new ScriptedTerminal(keys), StatementHistory.Open(null)));

    [Fact]
    public async Task The_cursor_moves_over_whole_characters()
    {
        var terminal = new ScriptedTerminal("SELECT '😀';", Left, Left, Left, "a\r");

        Assert.Equal("SELECT 'a😀';", await Read(terminal, StatementHistory.Open(null)));
    }

    [Fact]
    public async Task A_tab_of_a_pasted_text_is_inserted()
    {
        var terminal = new ScriptedTerminal("FROM\tevents;\r") { IsPasted = true };
        var editor = new StatementEditor(
            terminal, StatementHistory.Open(null), static (_, _) => throw new InvalidOperationException("completed"));

        Assert.Equal("FROM\tevents;", await editor.Read(default));
    }

    [Fact]
    public async Task Statements_of_earlier_sessions_come_back()
    {
        var first = new StatementEditor(
            new ScriptedTerminal("SELECT 1;\rSELECT\r 2;\rSELECT\r 2;\r"), StatementHistory.Open(HistoryFile), NoWords);
        for (var i = 0; i < 3; i++)
            Assert.NotNull(await first.Read(default));

        var history = StatementHistory.Open(HistoryFile);
        Assert.Equal(["SELECT 1;", "SELECT\n 2;"], history.Statements);
        Assert.Equal("SELECT\n 2;", await Read(new ScriptedTerminal(Up, "\r"), history));
        // The second line of the shown statement is below the first one, which Up reaches first.
        Assert.Equal("SELECT 1;", await Read(new ScriptedTerminal(Up, Up, Up, "\r"), history));
        Assert.Equal(3, StatementHistory.Open(HistoryFile).Statements.Count);
    }

    [Fact]
    public void Only_the_owner_can_read_the_history()
    {
        if (OperatingSystem.IsWindows())
            return;
        StatementHistory.Open(HistoryFile).Add("SELECT 1;");
        File.SetUnixFileMode(HistoryFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        StatementHistory.Open(HistoryFile).Add("SELECT 2;");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HistoryFile));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(HistoryFile)!));
    }

    [Fact]
    public void A_history_keeps_the_latest_statements()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(HistoryFile)!);
        File.WriteAllLines(
            HistoryFile, ["half of", .. Enumerable.Range(1, 2_500).Select(static number => $"\"SELECT {number};\"")]);

        var history = StatementHistory.Open(HistoryFile);
        history.Add("SELECT 'new';");

        Assert.Null(history.Problem);
        Assert.Equal(StatementHistory.MaxStatements, history.Statements.Count);
        Assert.Equal("SELECT 'new';", history.Statements[^1]);
        Assert.Equal(StatementHistory.MaxStatements + 1, File.ReadAllLines(HistoryFile).Length);
    }

    [Fact]
    public void A_history_that_cannot_be_written_keeps_the_session()
    {
        File.WriteAllText(Path.GetDirectoryName(HistoryFile)!, "a file, and no directory");

        var history = StatementHistory.Open(HistoryFile);
        history.Add("SELECT 1;");
        history.Add("SELECT 2;");

        Assert.Contains("cannot be used", history.Problem, StringComparison.Ordinal);
        Assert.Equal(2, history.Statements.Count);
    }

    [Theory]
    [InlineData("SELECT * FROM eve\t\t;\r", "SELECT * FROM event")]
    [InlineData("FROM dead\t;\r", "FROM dead_letters;")]
    [InlineData("DESCRIBE event_order_p\t;\r", "DESCRIBE event_order_placed;")]
    [InlineData("FROM event_order_placed WHERE amo\t > 1;\r", "FROM event_order_placed WHERE amount > 1;")]
    [InlineData("FROM event_order_placed AS p WHERE p.\"gift w\u0003SELECT 1;\r", "SELECT 1;")]
    [InlineData("FROM event_order_placed AS p WHERE p.amo\t=1;\r", "FROM event_order_placed AS p WHERE p.amount=1;")]
    [InlineData("SELECT corr\t;\r", "SELECT corr")]
    [InlineData("SELECT approx_q\t;\r", "SELECT approx_quantile;")]
    [InlineData("FROM events par\t type;\r", "FROM events partition by type;")]
    [InlineData("FROM events PAR\t type;\r", "FROM events PARTITION BY type;")]
    [InlineData("SELECT 'eve\t';\r", "SELECT 'eve';")]
    [InlineData(".vi\t\r", ".views")]
    [InlineData(".format j\t\r", ".format json")]
    [InlineData("\tFROM views;\r", "  FROM views;")]
    public async Task Tab_completes_names(string keys, string expected)
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        await store.Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("order.placed", """{"amount":1,"gift wrap":true}"""u8.ToArray())]);
        var completer = new StatementCompleter(new StoreSqlService(store), TimeSpan.FromMinutes(1));
        var editor = new StatementEditor(new ScriptedTerminal(keys), StatementHistory.Open(null), completer.Complete);

        Assert.StartsWith(expected, await editor.Read(default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_candidates_are_listed()
    {
        var terminal = new ScriptedTerminal("ab\t\t\u0003");
        var editor = new StatementEditor(
            terminal,
            StatementHistory.Open(null),
            static (before, _) => new(new WordCompletion(before.Length, ["abc_one", "abc_two\u001b"])));

        Assert.Null(await editor.Read(default));
        Assert.Contains("abc_one", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\\u001b", terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1;", 80, 1, 0, 14)]
    [InlineData("SELECT\n1;", 80, 2, 1, 7)]
    [InlineData("1234567890123456", 11, 3, 2, 1)] // Five columns beside the prompt, and ten in further rows.
    [InlineData("日本語日本語", 11, 2, 1, 8)]
    public void Long_lines_take_several_rows(string text, int width, int rows, int row, int column)
    {
        var edited = new EditedText();
        edited.Set(text);

        var layout = TextLayout.Of(edited, SqlShell.Prompt, SqlShell.FurtherPrompt, width);

        Assert.Equal((rows, row, column), (layout.Rows.Count, layout.Row, layout.Column));
        Assert.All(layout.Rows, shown => Assert.True(TextLayout.CellsOf(shown) < width));
    }

    private static ValueTask<WordCompletion> NoWords(string before, CancellationToken cancellationToken) =>
        new(WordCompletion.None);

    private static async Task<string?> Read(ScriptedTerminal terminal, StatementHistory history) =>
        await new StatementEditor(terminal, history, NoWords).Read(default);
}
