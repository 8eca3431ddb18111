namespace Millrace.Cli.Tests;

/// <summary>Tests that a build is checked against the stored events.</summary>
public sealed class SchemaCheckTests : IDisposable
{
    private const string Order = "0193b1c2-0000-7000-8000-000000000001";

    private readonly Tool _tool = new();

    private static string Before => Tool.ProgramFile("Evolution.Before");

    private static string After => Tool.ProgramFile("Evolution.After");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_build_that_reads_all_stored_events_passes()
    {
        await Store("order.created", $$"""{"order":"{{Order}}","total":2.5,"address":"Mill Lane 1"}""");
        await Store("order.paid", $$"""{"order":"{{Order}}","reference":"r1"}""");
        await Store("order.paid", $$"""{"order":"{{Order}}","reference":"r1","method":"cash"}""", version: 2);

        var run = await Check(After);

        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Json.GetProperty("isReadable").GetBoolean());
        Assert.Equal(3, run.Json.GetProperty("examined").GetInt64());
    }

    [Fact]
    public async Task Unreadable_events_are_counted_with_reasons_advice_and_their_first_position()
    {
        await Store("order.shipped", $$"""{"order":"{{Order}}","carrier":"Van"}""");
        await Store("order.shipped", $$"""{"order":"{{Order}}","carrier":7}""");
        await Store("order.shipped", $$"""{"order":"{{Order}}"}""");
        await Store("order.shipped", $$"""{"order":"{{Order}}","carrier":"mail"}""", version: 2);

        var run = await Check(Before);

        Assert.Equal(1, run.ExitCode);
        var types = run.Json.GetProperty("types").EnumerateArray().ToList();
        Assert.Equal(
            (3, 2, 2),
            (Number(types[0], "examined"), Number(types[0], "unreadable"), Number(types[0], "firstPosition")));
        Assert.Equal(2, types[0].GetProperty("reasons").GetArrayLength());
        Assert.Contains("carrier (number)", types[0].GetProperty("skeleton").GetString(), StringComparison.Ordinal);
        Assert.Contains(
            "[Upcast(\"order.shipped\", 1)]", types[0].GetProperty("skeleton").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            (1, 1, 4),
            (Number(types[1], "examined"), Number(types[1], "unreadable"), Number(types[1], "firstPosition")));
        Assert.StartsWith(
            "// A newer build stored version 2",
            types[1].GetProperty("skeleton").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_output_equals_its_approved_file()
    {
        await Store("order.shipped", $$"""{"order":"{{Order}}","carrier":7}""");

        var run = await _tool.Run("schema", "check", "--build", Before, "--store", _tool.Store);

        Assert.Equal(1, run.ExitCode);
        Approved.Matches("schema-check", run.Output);
    }

    [Fact]
    public async Task An_unknown_type_is_always_reported_but_refused_only_when_strict()
    {
        await Store("parcel.lost", "{}");

        var run = await Check(Before);
        var strict = await Check(Before, "--strict");

        Assert.Equal((0, 1), (run.ExitCode, strict.ExitCode));
        Assert.False(run.Json.GetProperty("types")[0].GetProperty("isKnown").GetBoolean());
    }

    [Fact]
    public async Task Every_build_knows_the_internal_events_of_Millrace()
    {
        await _tool.Append("$dead-letters", "dead-letters.decided", "{}");
        await _tool.RunOk("begin-log-epoch", "--reason", "restored", "--yes");

        var strict = await Check(Before, "--strict");
        var doctor = await _tool.Run("doctor", "--build", Before, "--store", _tool.Store);

        Assert.Equal(0, strict.ExitCode);
        Assert.DoesNotContain("does not know", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sample_contains_the_oldest_and_the_newest_events_of_each_type()
    {
        for (var i = 0; i < 7; i++)
            await Store("order.viewed", $$"""{"order":{{(i == 3 ? "1" : $"\"{Order}\"")}}}""");

        var some = await Check(Before, "--sample", "2");
        var all = await Check(Before, "--sample", "5");

        var text = await _tool.RunOk("schema", "check", "--build", Before, "--store", _tool.Store, "--sample", "2");

        Assert.Contains(
            "can read the sample. The other events were not checked.", text.Output, StringComparison.Ordinal);
        Assert.Equal((0, 4), (some.ExitCode, some.Json.GetProperty("examined").GetInt64()));
        Assert.Equal((1, 7), (all.ExitCode, all.Json.GetProperty("examined").GetInt64()));
    }

    private static long Number(System.Text.Json.JsonElement element, string name) =>
        element.GetProperty(name).GetInt64();

    private Task<ToolRun> Check(string build, params string[] options) =>
        _tool.Run(["schema", "check", "--build", build, "--store", _tool.Store, "--json", .. options]);

    private Task<ToolRun> Store(string type, string json, int version = 1) =>
        _tool.Append(
            "order-1",
            type,
            json,
            "--schema-version",
            version.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
