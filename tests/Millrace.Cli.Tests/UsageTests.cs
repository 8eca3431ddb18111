namespace Millrace.Cli.Tests;

/// <summary>Tests the errors of mistyped command lines.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly Tool _tool = new();

    [Fact]
    public async Task Without_arguments_the_tool_shows_its_help()
    {
        var run = await _tool.Run();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("streams", run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelled_command_gets_a_suggestion()
    {
        var run = await _tool.Run("streems");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'streems' is not a command.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'streams'?", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--typ")]
    [InlineData("--typ=order.placed")]
    public async Task A_misspelled_option_gets_a_suggestion(string option)
    {
        var run = await _tool.Run("count", option);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'--typ' is not an option of 'millrace count'.", run.Error, StringComparison.Ordinal);
        Assert.Contains("Did you mean '--type'?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_without_a_similar_command_gets_no_suggestion()
    {
        var run = await _tool.Run("xylophone");

        Assert.DoesNotContain("Did you mean", run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_number_is_reported_in_words()
    {
        var run = await _tool.Run("tail", "-n", "abc");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("it must be a whole number", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_in_a_subfolder_is_suggested()
    {
        Directory.CreateDirectory(_tool.File("src/Desk"));
        await _tool.RunOk(
            "append", "a-1", "--create", "--store", "src/Desk/tickets.db", "--type", "a.b", "--data", "{}");

        var wrong = await _tool.Run("tail", "--store", "tickets.db");
        var none = await _tool.Run("tail");

        Assert.Equal((5, 2), (wrong.ExitCode, none.ExitCode));
        Assert.Contains("'src/Desk/tickets.db'", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("src/Desk/tickets.db", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_of_an_unreadable_file_reports_the_file_without_recommending_verify()
    {
        for (var i = 0; i < 3; i++)
            await _tool.Append("order-1", "order.placed", $"{{\"text\":\"{new string('x', 100_000)}\"}}");
        await using (var file = File.OpenWrite(_tool.Store))
            file.SetLength(file.Length / 2);

        var run = await _tool.Run("verify", "--store", _tool.Store);

        Assert.Equal(5, run.ExitCode);
        Assert.Contains("BROKEN", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("run 'millrace verify'", run.Output + run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _tool.Dispose();
}
