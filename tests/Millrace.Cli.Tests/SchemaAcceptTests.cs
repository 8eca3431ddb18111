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
    public async Task An_application_accepts_its_own_model_beside_those_of_its_libraries()
    {
        await _tool.Done("schema", "accept", "--build", Tool.ProgramFile("Evolution.Host"));

        var written = await File.ReadAllTextAsync(_tool.File("events.contract.json"));
        Assert.Contains("letter.written", written, StringComparison.Ordinal);
        Assert.DoesNotContain("order.", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mode_of_the_file_is_kept_and_what_the_build_does_not_have_only_dropped_when_asked()
    {
        var file = _tool.File("events.contract.json");
        const string Stored = """
            {
              "compatibility": "full",
              "events": {
                "order.paid": { "1": { "order": "guid", "reference": "string" } },
                "order.gone": { "3": { "order": "guid" } }
              }
            }
            """;
        await File.WriteAllTextAsync(file, Stored);

        var refused = await _tool.Run("schema", "accept", "--build", Before);
        var between = await File.ReadAllTextAsync(file);
        await _tool.Done("schema", "accept", "--build", Before, "--drop");
        var written = await File.ReadAllTextAsync(file);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("'order.gone' version 3", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--drop", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Stored, between);
        Assert.Contains("\"compatibility\": \"full\"", written, StringComparison.Ordinal);
        Assert.DoesNotContain("order.gone", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_contract_is_left_alone()
    {
        await File.WriteAllTextAsync(_tool.File("events.contract.json"), "<<<<<<< HEAD");

        var run = await _tool.Run("schema", "accept", "--build", Before);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("not a contract file", run.Error, StringComparison.Ordinal);
        Assert.Equal("<<<<<<< HEAD", await File.ReadAllTextAsync(_tool.File("events.contract.json")));
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
