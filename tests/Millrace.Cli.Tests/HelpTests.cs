namespace Millrace.Cli.Tests;

public sealed class HelpTests : IDisposable
{
    private readonly Tool _tool = new();

    public static TheoryData<string> Commands => new(["", .. ToolCommands.All.Keys]);

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_of_every_command_has_examples_and_equals_its_approved_file(string command)
    {
        var run = await _tool.RunOk([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Approved.Matches($"help {command}".Trim().Replace(' ', '-'), run.Output);
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("read")]
    [InlineData("append order-1 --data x")]
    [InlineData("append order-1 --type t --expect soon --data x")]
    [InlineData("tail --since yesterdayish")]
    [InlineData("count --tag nocolon")]
    [InlineData("find neither --store shop.db")]
    public async Task An_invalid_command_line_is_refused_with_exit_code_2(string line)
    {
        await _tool.Append("order-1", "order.noted", "{}");

        var run = await _tool.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.NotEmpty(run.Error);
    }
}
