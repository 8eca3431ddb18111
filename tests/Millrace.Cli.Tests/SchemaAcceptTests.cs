namespace Millrace.Cli.Tests;

/// <summary>The contract file is written from a build.</summary>
public sealed class SchemaAcceptTests : IDisposable
{
    private readonly Tool _tool = new();

    private static string Before => Tool.ProgramFile("Evolution.Before");

    private static string After => Tool.ProgramFile("Evolution.After");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_file_is_written_once_and_is_then_up_to_date()
    {
        var written = await _tool.Done("schema", "accept", "--build", Before, "--json");
        var again = await _tool.Done("schema", "accept", "--build", Before, "--json");

        Assert.True(written.Json.GetProperty("isWritten").GetBoolean());
        Assert.True(again.Json.GetProperty("wasUpToDate").GetBoolean());
        Approved.Matches("schema-accept", await File.ReadAllTextAsync(_tool.File("events.contract.json")));
    }

    [Fact]
    public async Task CI_asks_whether_it_is_up_to_date_and_nothing_is_written()
    {
        await _tool.Done("schema", "accept", "shop.json", "--build", Before);
        var before = await File.ReadAllTextAsync(_tool.File("shop.json"));

        var same = await _tool.Run("schema", "accept", "shop.json", "--build", Before, "--check");
        var other = await _tool.Run("schema", "accept", "shop.json", "--build", After, "--check");
        var none = await _tool.Run("schema", "accept", "none.json", "--build", Before, "--check");

        Assert.Equal((0, 1, 1), (same.ExitCode, other.ExitCode, none.ExitCode));
        Assert.Equal(before, await File.ReadAllTextAsync(_tool.File("shop.json")));
        Assert.False(File.Exists(_tool.File("none.json")));
    }
}
