namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool writes the contract file from a build.</summary>
public sealed class SchemaAcceptTests : IDisposable
{
    private readonly Tool _tool = new();

    private static string Before => Tool.ProgramFile("Evolution.Before");

    private static string After => Tool.ProgramFile("Evolution.After");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_contract_file_is_written_once_and_is_then_up_to_date()
    {
        var written = await _tool.RunOk("schema", "accept", "--build", Before, "--json");
        var again = await _tool.RunOk("schema", "accept", "--build", Before, "--json");

        Assert.True(written.Json.GetProperty("isWritten").GetBoolean());
        Assert.True(again.Json.GetProperty("wasUpToDate").GetBoolean());
        Approved.Matches("schema-accept", await File.ReadAllTextAsync(_tool.File("events.contract.json")));
    }

    [Fact]
    public async Task The_contract_of_an_application_contains_its_own_model_without_those_of_its_libraries()
    {
        await _tool.RunOk("schema", "accept", "--build", Tool.ProgramFile("Evolution.Host"));

        var written = await File.ReadAllTextAsync(_tool.File("events.contract.json"));
        Assert.Contains("letter.written", written, StringComparison.Ordinal);
        Assert.DoesNotContain("order.", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_compatibility_of_the_contract_file_is_kept_and_missing_events_are_dropped_only_on_request()
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
        var afterRefusal = await File.ReadAllTextAsync(file);
        await _tool.RunOk("schema", "accept", "--build", Before, "--drop");
        var written = await File.ReadAllTextAsync(file);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("'order.gone' version 3", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--drop", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Stored, afterRefusal);
        Assert.Contains("\"compatibility\": \"full\"", written, StringComparison.Ordinal);
        Assert.DoesNotContain("order.gone", written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_a_contract_is_not_changed()
    {
        await File.WriteAllTextAsync(_tool.File("events.contract.json"), "<<<<<<< HEAD");

        var run = await _tool.Run("schema", "accept", "--build", Before);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("not a contract file", run.Error, StringComparison.Ordinal);
        Assert.Equal("<<<<<<< HEAD", await File.ReadAllTextAsync(_tool.File("events.contract.json")));
    }

    [Fact]
    public async Task CI_can_check_that_the_contract_file_is_up_to_date_without_writing_it()
    {
        await _tool.RunOk("schema", "accept", "shop.json", "--build", Before);
        var before = await File.ReadAllTextAsync(_tool.File("shop.json"));

        var same = await _tool.Run("schema", "accept", "shop.json", "--build", Before, "--check");
        var other = await _tool.Run("schema", "accept", "shop.json", "--build", After, "--check");
        var none = await _tool.Run("schema", "accept", "none.json", "--build", Before, "--check");

        Assert.Equal((0, 1, 1), (same.ExitCode, other.ExitCode, none.ExitCode));
        Assert.Equal(before, await File.ReadAllTextAsync(_tool.File("shop.json")));
        Assert.False(File.Exists(_tool.File("none.json")));
    }
}
