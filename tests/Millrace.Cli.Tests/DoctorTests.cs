using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the doctor finds problems, explains them and gives advice.</summary>
public sealed class DoctorTests : IDisposable
{
    // The results of these checks depend on other users of the disk.
    private static readonly string[] DiskChecks = ["disk-speed", "disk-space"];

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_sound_store_passes_all_checks()
    {
        await _tool.Append("order-1", "order.placed", "{}");

        var run = await _tool.RunOk("doctor", "--json");
        var text = await _tool.RunOk("doctor");

        Assert.True(run.Json.GetProperty("isHealthy").GetBoolean());
        string[] checks =
        [
            "clock",
            "consumer",
            "dead-letters",
            "disk-kind",
            "disk-space",
            "disk-speed",
            "environment",
            "file",
            "log-epoch",
            "permissions",
            "read-models",
            "schema-version",
            "sdk",
            "sqlite",
            "write-ahead-log",
        ];
        Assert.Equal(checks, Findings(run).Select(finding => finding.Check).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("Making 4 KiB durable takes", text.Output, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_tool.Directory, "*.db"));
        Assert.Empty(Directory.GetFiles(_tool.Directory, ".millrace-doctor*"));
    }

    [Fact]
    public async Task Waiting_and_stalled_work_is_reported_with_advice()
    {
        await using (var storage = await OpenStorage())
        {
            await storage.Log.Commit([Appended("order-1")], DateTimeOffset.UtcNow, default);
            var lease = await storage.Leases.Acquire("daily-sales@1", 0, "node-1", TimeSpan.FromMinutes(1),
                DateTimeOffset.UtcNow.AddMinutes(-9), default);
            await storage.Log.Commit([Parked(lease.LeaseEpoch)], DateTimeOffset.UtcNow, default);
            await storage.Log.Commit([Appended("order-2")], DateTimeOffset.UtcNow, default);
            await storage.Leases.SetPaused("mailer", true, default);
            await storage.Leases.Acquire(
                "mailer", 0, "node-1", TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow, default);
            await storage.Documents.PutReadModel(
                new ReadModelRecord
                {
                    Name = "stock",
                    Live = "stock@1",
                    Building = "stock@2",
                },
                null,
                default);
        }

        var run = await _tool.RunOk("doctor", "--json");
        var strict = await _tool.Run("doctor", "--strict");

        AssertFound(run, "consumer", "warning", "Consumer 'daily-sales@1' runs on no node");
        AssertFound(run, "consumer", "note", "Consumer 'mailer' is paused and is 2 e");
        AssertFound(run, "dead-letters", "warning", "1 event failed in 'daily-sales@1' sin");
        AssertFound(run, "read-models", "warning", "The build of 'stock@2' beside 'stock@");
        Assert.All(
            Findings(run).Where(finding => finding.Severity == "warning"),
            finding => Assert.True(finding.Why && finding.Remedy));
        Assert.Equal(1, strict.ExitCode);
        Assert.Contains("What to do: millrace dead-letters show 1", strict.Output, StringComparison.Ordinal);
        var warned = Findings(run)
            .Where(finding => finding.Severity == "warning" && !DiskChecks.Contains(finding.Check))
            .Select(finding => finding.Check);
        Assert.Equal(["consumer", "dead-letters", "read-models"], warned);
        Assert.Matches("0 problems, [345] warnings", strict.Output);
    }

    [Theory]
    [InlineData("Stalled")]
    [InlineData("Faulted")]
    public async Task A_stalled_consumer_does_not_need_a_restart(string state)
    {
        await using (var storage = await OpenStorage())
        {
            await storage.Log.Commit([Appended("order-1")], DateTimeOffset.UtcNow, default);
            var lease = await storage.Leases.Acquire(
                "publish.rabbitmq", 0, "node-1", TimeSpan.FromHours(1), DateTimeOffset.UtcNow, default);
            await storage.Leases.Report(
                "publish.rabbitmq",
                0,
                lease.LeaseEpoch,
                state,
                "The broker is not available: it is away.",
                DateTimeOffset.UtcNow,
                default);
        }

        var run = await _tool.Run("doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Findings(run), finding => finding is { Check: "consumer", Severity: "problem" });
        Assert.Contains("The broker is not available: it is away.", run.Output, StringComparison.Ordinal);
        Assert.Contains("retries automatically", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_ahead_of_the_clock_is_a_problem()
    {
        await using (var storage = await OpenStorage())
            await storage.Log.Commit([Appended("order-1")], DateTimeOffset.UtcNow.AddHours(3), default);

        var run = await _tool.Run("doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        AssertFound(run, "clock", "problem", "The last event was recorded 3 h ahead ");
    }

    [ShellFact("unshare")]
    public async Task On_a_read_only_file_system_the_other_checks_still_run()
    {
        await _tool.Append("order-1", "order.placed", "{}");
        // The command mounts the folder read-only over itself, and only this process sees the mount.
        const string Mount =
            "mount --bind \"$PWD\" \"$PWD\" && mount -o remount,bind,ro \"$PWD\" && cd \"$PWD\" && exec \"$@\"";
        var command = $"cd '{_tool.Directory}' && exec unshare -rm sh -c '{Mount}' sh \"$@\"";
        using var readOnlyTool = new Tool { Wrapper = ["sh", "-c", command, "sh"] };

        var run = await readOnlyTool.RunOk("doctor", "--json");

        AssertFound(run, "permissions", "note", "The file is readable, but not w");
        AssertFound(run, "disk-speed", "note", "The disk's speed was not measured: R");
        AssertFound(run, "log-epoch", "ok", "The log was never restored.");
    }

    [Fact]
    public async Task A_damaged_file_is_a_problem()
    {
        for (var i = 0; i < 3; i++)
            await _tool.Append("order-1", "order.placed", $"{{\"text\":\"{new string('x', 100_000)}\"}}");
        await using (var file = File.OpenWrite(_tool.Store))
        {
            file.Position = file.Length / 2 / 4096 * 4096;
            file.Write(new byte[8192].Select(_ => (byte)0xAB).ToArray());
        }

        var run = await _tool.Run("doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Findings(run), finding => finding is { Check: "file", Severity: "problem" });
    }

    [Fact]
    public async Task A_file_that_is_not_a_store_is_a_problem()
    {
        await File.WriteAllTextAsync(_tool.Store, "Dear diary, this is not a database.");

        var run = await _tool.Run("doctor", "--json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(Findings(run), finding => finding is { Check: "file", Severity: "problem" });
    }

    [Fact]
    public async Task A_build_is_checked_against_the_stored_events()
    {
        await _tool.Append("order-1", "order.reconsidered", "{}");
        await _tool.Append("order-1", "customer.registered", "[]");

        var run = await _tool.Run("doctor", "--json", "--build", Tool.ProgramFile("Commerce"));

        Assert.Equal(1, run.ExitCode);
        AssertFound(run, "build", "warning", "The build does not know 'order.reconsi");
        AssertFound(run, "build", "problem", "The build cannot read 1 of 1 'customer");
    }

    [Fact]
    public async Task A_world_writable_file_is_a_warning()
    {
        await _tool.Append("order-1", "order.placed", "{}");
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_tool.Store, File.GetUnixFileMode(_tool.Store) | UnixFileMode.OtherWrite);

        AssertFound(
            await _tool.RunOk("doctor", "--json"), "permissions", "warning", "All users of this machine can write th");
    }

    private async Task<SqliteStorage> OpenStorage()
    {
        var storage = new SqliteStorage(_tool.Store);
        await storage.Open(default);
        return storage;
    }

    private static CommitRequest Appended(string stream) => new()
    {
        Appends =
        [
            new StreamAppend(
                new StreamId(stream), ExpectedVersion.Any,
                    [new EncodedEvent { Id = Guid.NewGuid(), Type = "order.placed", Payload = "{}"u8.ToArray() }]),
        ],
    };

    private static CommitRequest Parked(long lease) =>
        new()
        {
            Checkpoint = new CheckpointMove("daily-sales@1", 0, lease, null, 1),
            DeadLetters =
            [
                new DeadLetterChange(
                    new DeadLetter
                    {
                        Consumer = "daily-sales@1",
                        Partition = 0,
                        Position = 1,
                        Key = "2011-12-05",
                        Stream = new StreamId("order-1"),
                        Version = 1,
                        EventType = "order.placed",
                        EventId = Guid.NewGuid(),
                        State = DeadLetterState.Parked,
                        Attempts = 3,
                        Cause = "Oops-1",
                        Message = "No price.",
                        FirstFailedAt = DateTimeOffset.UtcNow,
                        LastFailedAt = DateTimeOffset.UtcNow,
                    }
                ),
            ],
        };

    private static IEnumerable<(string Check, string Severity, bool Why, bool Remedy)> Findings(ToolRun run) =>
        run.Json.GetProperty("findings").EnumerateArray().Select(finding => (
            finding.GetProperty("check").GetString()!, finding.GetProperty("severity").GetString()!,
            finding.TryGetProperty("why", out _), finding.TryGetProperty("remedy", out _)));

    private static void AssertFound(ToolRun run, string check, string severity, string beginning) =>
        Assert.Contains(run.Json.GetProperty("findings").EnumerateArray(), finding =>
            finding.GetProperty("check").GetString() == check && finding.GetProperty("severity").GetString() == severity
            && finding.GetProperty("what").GetString()!.StartsWith(beginning, StringComparison.Ordinal));
}
