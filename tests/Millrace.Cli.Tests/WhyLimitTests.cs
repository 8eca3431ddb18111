namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that a search stops at its time limit and can be continued, and that rows of tables are explained by their
/// statements.
/// </summary>
public sealed class WhyLimitTests(ExampleShop shop) : IClassFixture<ExampleShop>, IDisposable
{
    private const string Value = "daily-sales/2011-12-05.total";

    private readonly Tool _tool = new() { Build = "out" };

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_search_that_takes_too_long_stops_with_an_exit_code_and_can_be_continued()
    {
        shop.CopyTo(_tool.Directory);

        var text = await _tool.Run("why", Value, "--seconds", "0.001");
        var part = await _tool.Run("why", Value, "--seconds", "0.001", "--json");
        var rest = await _tool.RunOk(
            "why", Value, "--json", "--go-on", part.Json.GetProperty("continuation").GetString()!);
        var complete = await _tool.RunOk("why", Value, "--json");

        Assert.Equal((8, 8), (text.ExitCode, part.ExitCode));
        Assert.Contains("of 1,103: the output shows this position.", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            "To continue from there, repeat the command with --go-on ", text.Output, StringComparison.Ordinal);
        Assert.False(part.Json.GetProperty("isComplete").GetBoolean());
        Assert.Equal(1_103, part.Json.GetProperty("until").GetInt32());
        Assert.True(rest.Json.GetProperty("isComplete").GetBoolean());
        Assert.Equal(complete.Json.GetProperty("value").GetDecimal(), rest.Json.GetProperty("value").GetDecimal());
        Assert.Equal(
            complete.Json.GetProperty("changeCount").GetInt32(), rest.Json.GetProperty("changeCount").GetInt32());
    }

    [Fact]
    public async Task The_continuation_is_on_one_line_for_copying()
    {
        using var tool = new Tool { Build = "out", Wrapper = ["env", "COLUMNS=40"] };
        shop.CopyTo(tool.Directory);

        var part = await tool.Run("why", Value, "--seconds", "0.001");
        var line = Assert
            .Single(part.Output.Split('\n'), candidate => candidate.Contains("--go-on ", StringComparison.Ordinal))
            .TrimEnd();
        var rest = await tool.RunOk("why", Value, "--go-on", line.Split(' ')[^1]);
        var complete = await tool.RunOk("why", Value);

        Assert.True(line.Length > 70, $"The line is too short for this test: {line}");
        Assert.Equal(complete.Output.Split('\n')[0], rest.Output.Split('\n')[0]);
    }

    [Fact]
    public async Task A_view_that_takes_too_long_stops_with_an_exit_code()
    {
        shop.CopyTo(_tool.Directory);

        var view = await _tool.Run("at", "now", "show", "order-42", "--seconds", "0.001");
        var difference = await _tool.Run("at", "1", "show", "order-42", "--and", "now", "--seconds", "0.001", "--json");

        Assert.Equal((8, 8), (view.ExitCode, difference.ExitCode));
        Assert.Contains("The time limit was reached at position", view.Output, StringComparison.Ordinal);
        Assert.Contains("--seconds.", view.Output, StringComparison.Ordinal);
        Assert.False(difference.Json.GetProperty("after").GetProperty("isComplete").GetBoolean());
        Assert.False(difference.Json.GetProperty("isComplete").GetBoolean());
        Assert.Empty(difference.Json.GetProperty("changes").EnumerateArray());
    }

    [Theory]
    [InlineData("--seconds 0", "--seconds must be from 0.001 to 3,600.")]
    [InlineData("--seconds 3601", "--seconds must be from 0.001 to 3,600.")]
    [InlineData("--seconds soon", "it must be a number")]
    [InlineData("--go-on nonsense", "use the unchanged continuation")]
    public async Task An_invalid_request_is_reported(string options, string expected)
    {
        shop.CopyTo(_tool.Directory);

        var run = await _tool.Run(["why", Value, .. options.Split(' ')]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_row_is_explained_by_its_statements_and_a_single_column_cannot_be_explained()
    {
        shop.CopyTo(_tool.Directory);

        var text = await _tool.RunOk("why", "order-totals/order-42.total");
        var json = await _tool.RunOk("why", "order-totals/order-42", "--json");
        var none = await _tool.Run("why", "order-totals/order-41");
        var misspelled = await _tool.Run("why", "orders-totals/order-42");

        Assert.Contains(
            "does not know which statement sets 'total'",
            text.Output.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
        var statement = json.Json.GetProperty("changes")[0].GetProperty("statements")[0];
        Assert.StartsWith(
            "INSERT INTO order_totals", statement.GetProperty("sql").GetString(), StringComparison.Ordinal);
        Assert.Equal("42", statement.GetProperty("parameters")[0].GetString());
        Assert.Equal((3, 3), (none.ExitCode, misspelled.ExitCode));
        Assert.Contains("No event has this key.", none.Output, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'order-totals'?", misspelled.Error, StringComparison.Ordinal);
    }
}
