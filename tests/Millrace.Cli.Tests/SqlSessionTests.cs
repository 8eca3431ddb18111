using System.Diagnostics;
using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>Tests the session of SQL statements in a terminal.</summary>
public sealed class SqlSessionTests : IDisposable
{
    private const string Stop = "\u0003";

    private readonly Tool _tool = new()
    {
        Wrapper = ["bash", "-c", """exec script -qec "$(printf '%q ' "$@")" /dev/null""", "terminal"],
    };

    public SqlSessionTests()
    {
        _tool.FurtherVariables["TERM"] = "xterm";
        _tool.FurtherVariables["XDG_DATA_HOME"] = _tool.File("data");
    }

    private string HistoryFile => Path.Combine(_tool.File("data"), "millrace", "sql-history.jsonl");

    public void Dispose() => _tool.Dispose();

    [ShellFact("script")]
    public async Task Ctrl_C_stops_the_statement_and_the_session_goes_on()
    {
        await _tool.Append("order-1", "order.placed", """{"amount":4711}""");
        using var session = _tool.Start("sql", "--store", "shop.db");
        var screen = new Screen(session);

        await screen.Type("SELECT 6\r * 7 AS answer;\r", "42");
        await screen.Type("not this" + Stop, "^C");
        await screen.Type(
            "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE hash(a.range, b.range) = 1;\r", "= 1;\r");
        await screen.Type(Stop, "The statement was stopped.");
        await screen.Type(".format csv\r", "sql> ");
        await screen.Type("FROM event_order_p", "event_order_p"); // A pasted tab would be inserted.
        await screen.Type("\t", "laced");
        await screen.Type(";\r", ",4711");
        await screen.Type(".quit\r", ".quit");

        Assert.Equal(0, await screen.End());
        var history = await File.ReadAllLinesAsync(HistoryFile);
        Assert.Equal("\"SELECT 6\\n * 7 AS answer;\"", history[0]);
        Assert.DoesNotContain("4711", string.Join('\n', history), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(HistoryFile));
    }

    [ShellFact("script")]
    public async Task A_session_without_history_writes_none()
    {
        await _tool.Append("order-1", "order.placed", "{}");
        using var session = _tool.Start("sql", "--no-history", "--store", "shop.db");
        var screen = new Screen(session);

        await screen.Type("SELECT 6 * 7;\r", "42");
        await screen.Type("\u0004", "");

        Assert.Equal(0, await screen.End());
        Assert.False(File.Exists(HistoryFile));
    }

    [ShellFact("script")]
    public async Task A_file_without_a_statement_is_an_error_in_a_terminal()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        var run = await _tool.Run("sql", "-o", "out.csv", "--store", "shop.db");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("There is no statement for the file.", run.Output, StringComparison.Ordinal);
    }

    /// <summary>What a terminal shows.</summary>
    private sealed class Screen(Process session)
    {
        private readonly char[] _buffer = new char[4_096];

        /// <summary>Waits for a prompt, types keys, and waits until the terminal shows a text.</summary>
        public async Task Type(string keys, string expected)
        {
            using var limit = new CancellationTokenSource(Tool.Limit);
            await session.StandardInput.WriteAsync(keys.AsMemory(), limit.Token);
            await session.StandardInput.FlushAsync(limit.Token);
            var shown = new StringBuilder();
            while (!shown.ToString().Contains(expected, StringComparison.Ordinal))
            {
                var count = await session.StandardOutput.ReadAsync(_buffer, limit.Token);
                Assert.True(count > 0, $"The session ended, and showed: {shown}");
                shown.Append(_buffer, 0, count);
            }
        }

        public async Task<int> End()
        {
            using var limit = new CancellationTokenSource(Tool.Limit);
            await session.StandardOutput.ReadToEndAsync(limit.Token);
            await session.WaitForExitAsync(limit.Token);
            return session.ExitCode;
        }
    }
}
