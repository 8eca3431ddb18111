namespace Millrace.Cli.Tests;

/// <summary>
/// Tests that an event is removed from a contract only if no checked store contains it. No build is needed.
/// </summary>
public sealed class SchemaForgetTests : IDisposable
{
    private readonly Tool _tool = new();

    private string Contract => _tool.File("events.contract.json");

    private static string Before => Tool.ProgramFile("Evolution.Before");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Events_that_were_never_stored_are_forgotten_and_the_rest_is_unchanged()
    {
        await _tool.RunOk("schema", "accept", "--build", Before);
        var accepted = await File.ReadAllTextAsync(Contract);
        await File.WriteAllTextAsync(Contract, accepted.Replace(
            "\"events\": {",
            "\"events\": {\n    \"a.draft\": {\n      \"2\": {\n        \"größe+\": \"int32\"\n      }\n    },",
            StringComparison.Ordinal));

        var forgotten = await _tool.RunOk("schema", "forget", "a.*", "--json");

        Assert.Equal(accepted, await File.ReadAllTextAsync(Contract));
        Assert.Equal("a.draft", forgotten.Json.GetProperty("forgotten")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task An_event_that_is_stored_in_the_folder_of_the_contract_is_not_forgotten()
    {
        await _tool.RunOk("schema", "accept", "--build", Before);
        var accepted = await File.ReadAllTextAsync(Contract);
        await _tool.Append("order-1", "order.paid", "{}");

        var refused = await _tool.Run("schema", "forget", "order.paid");
        var other = await _tool.RunOk(
            "schema", "forget", "order.paid", "--version", "1", "--store", await OtherStore());

        Assert.Equal(4, refused.ExitCode);
        Assert.Contains(
            "'shop.db' contains 'order.paid' version 1, first at position 1", refused.Error, StringComparison.Ordinal);
        Assert.Contains("other.db", other.Output, StringComparison.Ordinal);
        Assert.NotEqual(accepted, await File.ReadAllTextAsync(Contract));
    }

    [Fact]
    public async Task An_unknown_name_is_reported_with_a_similar_known_name()
    {
        await _tool.RunOk("schema", "accept", "--build", Before);

        var run = await _tool.Run("schema", "forget", "order.payed");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("Did you mean 'order.paid'?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_contract_file_in_the_subfolders_is_used()
    {
        Directory.CreateDirectory(_tool.File("src/Shop/bin/Debug"));
        await _tool.RunOk("schema", "accept", "src/Shop/events.contract.json", "--build", Before);
        File.Copy(_tool.File("src/Shop/events.contract.json"), _tool.File("src/Shop/bin/Debug/events.contract.json"));

        var accepted = await _tool.RunOk("schema", "accept", "--build", Before, "--check");
        var forgotten = await _tool.RunOk("schema", "forget", "order.paid");

        Assert.Contains(Path.Combine("src", "Shop", "events.contract.json"), accepted.Output, StringComparison.Ordinal);
        Assert.Contains("No store was checked", forgotten.Output, StringComparison.Ordinal);
    }

    private async Task<string> OtherStore()
    {
        await _tool.RunOk(
            "append", "note-1", "--create", "--store", _tool.File("other.db"), "--type", "note.made", "--data", "{}");
        return _tool.File("other.db");
    }
}
