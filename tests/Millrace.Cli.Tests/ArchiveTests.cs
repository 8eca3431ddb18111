namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool archives events, and reads, checks and restores archives.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Archived_streams_are_read_verified_and_restored()
    {
        await Append("order-1", 3);
        await Append("order-2", 2);
        var before = await _tool.RunOk("read", "order-1", "--json");
        var exported = await _tool.RunOk("export");

        var planned = await _tool.RunOk("archive", "run", "--to", "archive/", "--streams", "order-1", "--dry-run");
        var run = await _tool.RunOk("archive", "run", "--to", "archive/", "--streams", "order-1", "--json");

        Assert.Contains("Would archive 3 events of 1 stream", planned.Output, StringComparison.Ordinal);
        Assert.Equal(3, run.Json.GetProperty("events").GetInt64());
        Assert.Single(Directory.GetFiles(_tool.File("archive"), "*.parquet", SearchOption.AllDirectories));
        Assert.Equal(before.Output, (await _tool.RunOk("read", "order-1", "--json")).Output);
        Assert.Equal(exported.Output, (await _tool.RunOk("export")).Output);
        var list = await _tool.RunOk("archive", "list", "--json");
        Assert.Equal("archived", Assert.Single(list.Json.EnumerateArray()).GetProperty("state").GetString());
        Assert.Contains("can be read", (await _tool.RunOk("archive", "check")).Output, StringComparison.Ordinal);
        Assert.Contains(
            "Each archived event is in its segment", (await _tool.RunOk("verify", "--json")).Output,
            StringComparison.Ordinal);

        var restored = await _tool.RunOk("archive", "restore", "order-1");
        var rest = await _tool.RunOk("archive", "restore", "--all", "--json");

        Assert.Contains("Restored 3 events", restored.Output, StringComparison.Ordinal);
        Assert.Equal(0, rest.Json.GetProperty("events").GetInt64());
        Assert.Equal((2, 2), ((await _tool.Run("archive", "restore")).ExitCode,
            (await _tool.Run("archive", "restore", "order-1", "--all")).ExitCode));
        Assert.Equal(before.Output, (await _tool.RunOk("read", "order-1", "--json")).Output);
        Assert.Single(Directory.GetFiles(_tool.File("archive"), "*.parquet", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_damaged_segment_is_named()
    {
        await Append("order-1", 3);
        await _tool.RunOk("archive", "run", "--to", "archive/", "--streams", "order-1");
        var file = Assert.Single(Directory.GetFiles(_tool.File("archive"), "*.parquet", SearchOption.AllDirectories));
        await File.WriteAllBytesAsync(file, [1, 2, 3]);

        var check = await _tool.Run("archive", "check", "--json");
        var read = await _tool.Run("read", "order-1");
        var verified = await _tool.Run("verify");

        Assert.Equal(5, check.ExitCode);
        Assert.EndsWith(
            Path.GetFileName(file),
            Assert.Single(check.Json.GetProperty("damagedSegments").EnumerateArray()).GetString(),
            StringComparison.Ordinal);
        Assert.Equal((5, 5), (read.ExitCode, verified.ExitCode));
        Assert.Contains(Path.GetFileName(file), read.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_place_that_is_not_mounted_is_not_reported_as_damage()
    {
        await Append("order-1", 3);
        await Append("order-2", 2);
        await _tool.RunOk("archive", "run", "--to", "archive/", "--streams", "order-1");
        Directory.Move(_tool.File("archive"), _tool.File("elsewhere"));

        var check = await _tool.Run("archive", "check", "--json");
        var checkText = await _tool.Run("archive", "check");
        var verified = await _tool.Run("verify", "--json");
        var verifiedText = await _tool.Run("verify");
        var doctor = await _tool.Run("doctor", "--json");
        Directory.CreateDirectory(_tool.File("archive")); // The mount point without its disk.
        var emptyDoctor = await _tool.Run("doctor", "--json");
        var emptyRead = await _tool.Run("read", "order-1");
        Directory.Delete(_tool.File("archive"));
        var run = await _tool.Run("archive", "run", "--to", "archive/", "--streams", "order-2");
        Assert.False(Directory.Exists(_tool.File("archive")));
        Assert.Contains("does not exist", run.Error, StringComparison.Ordinal);
        Directory.Move(_tool.File("elsewhere"), _tool.File("archive"));
        await _tool.RunOk("verify");
        var sound = await _tool.RunOk("doctor", "--json");

        Assert.Equal((1, 1), (doctor.ExitCode, emptyDoctor.ExitCode));
        Assert.Contains("does not exist", ArchiveFinding(doctor), StringComparison.Ordinal);
        Assert.Contains(
            "is empty, but should contain 1 segment", ArchiveFinding(emptyDoctor), StringComparison.Ordinal);
        Assert.Contains("which is empty. Mount its disk", emptyRead.Error, StringComparison.Ordinal);
        Assert.Contains("has all 1 segment", ArchiveFinding(sound), StringComparison.Ordinal);
        Assert.Equal((5, 5), (check.ExitCode, verified.ExitCode));
        Assert.Empty(check.Json.GetProperty("damagedSegments").EnumerateArray());
        Assert.Contains(
            _tool.File("archive"), check.Json.GetProperty("placeProblem").GetString(), StringComparison.Ordinal);
        Assert.Contains("were not checked", checkText.Output, StringComparison.Ordinal);
        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
        Assert.Equal(2, verified.Json.GetProperty("notChecked").GetArrayLength()); // The archive and the payloads.
        Assert.Contains("What was checked holds", verifiedText.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("damaged", verifiedText.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_needs_streams_and_the_first_one_a_place()
    {
        await Append("order-1", 1);

        var withoutStreams = await _tool.Run("archive", "run", "--to", "archive/");
        var withoutPlace = await _tool.Run("archive", "run", "--older-than", "1d");

        Assert.Equal((2, 2), (withoutStreams.ExitCode, withoutPlace.ExitCode));
        Assert.Contains(
            "There are no archived events.", (await _tool.RunOk("archive", "list")).Output, StringComparison.Ordinal);
    }

    private async Task Append(string stream, int count)
    {
        for (var i = 0; i < count; i++)
            await _tool.Append(stream, "order.placed", $$"""{"number":{{i}}}""");
    }

    private static string? ArchiveFinding(ToolRun doctor) =>
        Assert.Single(
            doctor.Json.GetProperty("findings").EnumerateArray(),
            static finding => finding.GetProperty("check").GetString() == "archive").GetProperty("what").GetString();
}
