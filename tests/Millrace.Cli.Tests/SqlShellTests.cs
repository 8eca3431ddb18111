using Millrace.Cli.Sql;
using Millrace.Storage.InMemory;

namespace Millrace.Cli.Tests;

/// <summary>Tests the session of SQL statements.</summary>
public sealed class SqlShellTests
{
    [Theory]
    [InlineData("SELECT 1;\nSELECT\n 2\n;\n", "1", "2")]
    [InlineData("\n\nSELECT 1; -- one\n;\nSELECT 2", "1", "2")]
    [InlineData("SELECT ';\n' || /* ; */ 'a';\nSELECT 2;", ";\na", "2")]
    [InlineData("SELECT E'it\\'s;';\nSELECT 2;", "it's;", "2")]
    [InlineData("SELECT e'\\\\';\nSELECT 2;", "\\", "2")]
    [InlineData("SELECT E'a'';' || 'b\\';\nSELECT 2;", "a';b\\", "2")]
    [InlineData("SELECT E'a'\n '\\';';\nSELECT 2;", "a';", "2")]
    [InlineData("SELECT $$;\n$a;$$;\nSELECT 2;", ";\n$a;", "2")]
    [InlineData("SELECT $t1$;\n$$;$T1$ $t1$;\nSELECT 2;", ";\n$$;$T1$ ", "2")]
    [InlineData("SELECT 1 /* /* */;\n*/ + 1;\nSELECT 3;", "2", "3")]
    [InlineData("SELECT 1 AS one$a$;\nSELECT 2;", "1", "2")]
    [InlineData("SELECT nope;\nSELECT 1;\n.quit\nSELECT 2;", "1")]
    [InlineData(".schema views\n", "name", "kind", "source")]
    [InlineData(".views", "consumers", "dead_letters", "events", "views")]
    [InlineData(".exit\nSELECT 1;")]
    public async Task Statements_and_commands_are_answered(string input, params string[] firstValues)
    {
        var (answers, _) = await Run(input);

        Assert.Equal(firstValues, answers.SelectMany(static answer => answer.Rows).Select(static row => row[0]));
    }

    [Fact]
    public async Task Errors_and_help_are_messages()
    {
        var (_, output) = await Run("SELECT *\nFROM nothing;\n.unknown\n");

        Assert.Contains("Line 2, column 6: There is no view 'nothing'.", output, StringComparison.Ordinal);
        Assert.Equal(2, output.Split(".schema VIEW").Length - 1);
    }

    private static async Task<(List<SqlAnswer> Answers, string Output)> Run(string input)
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var answers = new List<SqlAnswer>();
        using var reader = new StringReader(input);
        await using var output = new StringWriter();
        var lines = new LineInput(reader, output);
        await new SqlShell(new StoreSqlService(store), lines, output, (answer, _) => answers.Add(answer)).Run(default);
        return (answers, output.ToString());
    }
}
