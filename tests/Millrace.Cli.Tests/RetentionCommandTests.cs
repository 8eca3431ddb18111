using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands that plan, run and show retention, and the import of archive files.</summary>
public sealed class RetentionCommandTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-retention-");
    private readonly Tool _tool = new();

    public async Task InitializeAsync()
    {
        var old = DateTimeOffset.UtcNow.AddDays(-40);
        await using (var store = await EventStore.Open(new Sqlite.SqliteStorage(_tool.Store), EventTypeMap.Empty))
        {
            foreach (var stream in new[] { "order-1", "cart-1", "invoice-1", "order-2", "visit-1" })
                await store.Append(new AppendRequest { RecordedAt = old = old.AddSeconds(1) }.To(
                    new StreamId(stream),
                    ExpectedVersion.Any,
                    NewEvent.FromBytes("thing.happened", Encoding.UTF8.GetBytes("""{"total":20.50}"""))));
        }
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseSqlite(_tool.Store).AddRetention(retention =>
        {
            retention.ArchiveDirectory = _folder.FullName;
            retention.Category("order").ArchiveAfter();
            retention.Category("invoice").ArchiveAfter();
            retention.Category("cart").DeleteAfter();
            retention.Category("contract").KeepForever();
        }));
        using var host = builder.Build();
        await host.StartAsync();
        await Testing.Eventually.Get(
            () => RetentionService.Of(host.Services.GetRequiredService<EventStore>()).ListPolicies(),
            policies => policies.Count == 4);
        await host.StopAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _tool.Dispose();
    }

    [Fact]
    public async Task The_recorded_policies_are_planned_and_run()
    {
        var plan = (await _tool.RunOk("retention", "plan", "--json")).Json;
        var run = (await _tool.RunOk(
            "retention", "run", "--by", "ann", "--id", "run-1", "--archive", _folder.FullName, "--json")).Json;
        var again = (await _tool.RunOk("retention", "run", "--id", "run-1", "--json")).Json;
        var list = await _tool.RunOk("retention", "list");
        var shown = await _tool.RunOk("retention", "show", "run-1");

        Assert.Equal(4, plan.GetProperty("events").GetInt64());
        Assert.False(plan.TryGetProperty("endedAt", out _));
        Assert.Equal(("ann", 4L), (run.GetProperty("by").GetString(), run.GetProperty("events").GetInt64()));
        Assert.Equal(run.ToString(), again.ToString());
        Assert.Contains("run-1", list.Output, StringComparison.Ordinal);
        Assert.Equal(list.Output, (await _tool.RunOk("retention")).Output);
        Assert.Contains("run-1-0001.jsonl.gz", shown.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.RunOk("retention", "plan", "--json")).Json.GetProperty("events").GetInt64());
        Assert.Equal(0, (await _tool.Run("verify")).ExitCode);
    }

    [Fact]
    public async Task An_archive_file_can_be_imported_into_a_new_store()
    {
        var file = (await GivenArchives()).Single(
            name => LinesOf(name).Contains("order-2", StringComparison.Ordinal));
        var restored = Path.Combine(_folder.FullName, "restored.db");

        await _tool.RunOk("import", file, "--store", restored, "--create");

        var read = await _tool.RunOk("read", "order-2", "--store", restored, "--json");
        Assert.Contains("20.50", read.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _tool.Run("verify", "--store", restored)).ExitCode);
    }

    [Fact]
    public async Task Several_archive_files_are_restored_into_one_store_with_their_times()
    {
        var before = (await _tool.RunOk("export")).Lines
            .Where(line => line.Contains("order-", StringComparison.Ordinal)
                || line.Contains("invoice-", StringComparison.Ordinal))
            .Select(IdentityOf).ToArray();
        var files = await GivenArchives();
        var restored = Path.Combine(_folder.FullName, "restored.db");

        var dryRun = await _tool.RunOk(["import", .. files, "--store", restored, "--create", "--dry-run", "--json"]);
        var import = await _tool.RunOk(["import", .. files, "--store", restored, "--create", "--json"]);
        var again = await _tool.RunOk(["import", .. files, "--store", restored, "--json"]);

        Assert.Equal(2, files.Length);
        Assert.Equal(3, before.Length);
        Assert.Equal(3, dryRun.Json.GetProperty("imported").GetInt64());
        Assert.Equal(3, import.Json.GetProperty("imported").GetInt64());
        Assert.Equal((0, 3), (
            again.Json.GetProperty("imported").GetInt64(), again.Json.GetProperty("skipped").GetInt64()));
        var after = (await _tool.RunOk("export", "--store", restored)).Lines.Select(IdentityOf);
        Assert.Equal(before, after);
        Assert.Equal(0, (await _tool.Run("verify", "--store", restored)).ExitCode);
    }

    [Fact]
    public async Task Events_that_several_archive_files_contain_are_imported_once()
    {
        var files = await GivenArchives();
        var copy = Path.Combine(_folder.FullName, "run-1-0003.jsonl.gz"); // As of an interrupted run.
        File.Copy(files[0], copy);
        var restored = Path.Combine(_folder.FullName, "restored.db");
        string[] import = ["import", .. files, copy, "--store", restored, "--create", "--json"];

        var dryRun = (await _tool.RunOk([.. import, "--dry-run"])).Json;
        var run = (await _tool.RunOk(import)).Json;

        Assert.Equal(3, run.GetProperty("imported").GetInt64());
        Assert.True(run.GetProperty("skipped").GetInt64() > 0);
        Assert.Equal(dryRun.GetProperty("imported").GetInt64(), run.GetProperty("imported").GetInt64());
        Assert.Equal(0, (await _tool.Run("verify", "--store", restored)).ExitCode);
    }

    [Fact]
    public async Task A_damaged_file_of_several_is_named()
    {
        var files = await GivenArchives();
        var damaged = Path.Combine(_folder.FullName, "damaged.jsonl");
        await File.WriteAllTextAsync(damaged, "\n{\"id\":");

        var run = await _tool.Run(
            ["import", files[0], damaged, "--store", Path.Combine(_folder.FullName, "restored.db"), "--create"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("File 'damaged.jsonl', line 2: the file is truncated", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _tool.Run(["import", files[0], "-"])).ExitCode);
    }

    [Fact]
    public async Task A_run_can_be_stopped_with_a_reason()
    {
        await _tool.RunOk("retention", "run", "--id", "run-1", "--archive", _folder.FullName);
        await using (var store = await EventStore.Open(new Sqlite.SqliteStorage(_tool.Store), EventTypeMap.Empty))
        {
            await store.Append(new AppendRequest { CopiesReservedEvents = true }.To(
                new StreamId("$retention-run-2"),
                ExpectedVersion.NoStream,
                NewEvent.FromBytes("retention.started", """{"by":"ann","open":[]}"""u8.ToArray())));
        }

        var stopped = (await _tool.RunOk(
            "retention", "stop", "run-2", "--by", "ben", "--reason", "wrong policy", "--json")).Json;
        var shown = await _tool.RunOk("retention", "show", "run-2");
        var list = await _tool.RunOk("retention", "list");

        Assert.Equal(
            ("ben", "wrong policy"),
            (stopped.GetProperty("stoppedBy").GetString(), stopped.GetProperty("stopReason").GetString()));
        Assert.Contains("Stopped by ben: wrong policy", shown.Output, StringComparison.Ordinal);
        Assert.Contains("stopped ", list.Output, StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.Run("retention", "stop", "run-3", "--reason", "none")).ExitCode);
        Assert.Equal(2, (await _tool.Run("retention", "stop", "run-2")).ExitCode);
        Assert.NotEqual(0, (await _tool.Run("retention", "stop", "run-1", "--reason", "late")).ExitCode);
    }

    [Fact]
    public async Task Streams_of_a_category_are_removed_before_a_time()
    {
        var plan = (await _tool.RunOk(
            "retention", "plan", "--category", "visit", "--before", "30d", "--json")).Json;
        var run = (await _tool.RunOk(
            "retention", "run", "--category", "visit", "--before", "30d", "--by", "ann", "--json")).Json;

        Assert.Equal(1, plan.GetProperty("events").GetInt64());
        Assert.Equal(1, run.GetProperty("events").GetInt64());
        Assert.StartsWith("before-", run.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await _tool.Run("retention", "plan", "--category", "visit")).ExitCode);
        string[] category = ["retention", "run", "--category", "visit", "--before", "30d"];
        Assert.Equal(2, (await _tool.Run([.. category, "--id", "run-1"])).ExitCode);
        Assert.Equal(2, (await _tool.Run([.. category, "--archive", _folder.FullName])).ExitCode);
        Assert.Equal(2, (await _tool.Run("retention", "run", "--id", "scheduled-1")).ExitCode);
    }

    [Fact]
    public async Task A_category_without_streams_is_a_warning()
    {
        string[] category = ["--category", "vist", "--before", "30d"];

        var plan = await _tool.RunOk(["retention", "plan", .. category]);
        var run = (await _tool.RunOk(["retention", "run", .. category, "--json"])).Json;
        var shown = await _tool.RunOk("retention", "show", run.GetProperty("id").GetString()!);
        var all = (await _tool.RunOk("retention", "plan", "--json")).Json;

        const string Warning =
            "no stream has the category 'vist'. Categories of the store: cart, invoice, order, visit.";
        Assert.Contains("no stream has the category 'vist'.", plan.Output, StringComparison.Ordinal);
        Assert.Equal(Warning, run.GetProperty("results")[0].GetProperty("warning").GetString());
        Assert.Contains("no stream has the category 'vist'.", shown.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", all.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_refused_removes_nothing_and_fails()
    {
        var refused = await _tool.Run("retention", "run", "--id", "run-1");
        var kept = await _tool.Run("retention", "run", "--category", "contract", "--before", "30d");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("there is no archive directory", refused.Error, StringComparison.Ordinal);
        Assert.Contains("keeps its streams", kept.Error, StringComparison.Ordinal);
        Assert.Contains("order-1", (await _tool.RunOk("streams")).Output, StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.Run("retention", "show", "none")).ExitCode);
        Assert.Equal(2, (await _tool.Run("retention", "show", "A B")).ExitCode);
    }

    [Fact]
    public async Task A_store_with_tenants_needs_the_tenant()
    {
        await _tool.RunOk("tenants", "create", "acme");

        string[][] commands =
        [
            ["plan"],
            ["run", "--archive", _folder.FullName],
            ["run", "--category", "visit", "--before", "30d"],
            ["list"],
        ];
        foreach (var command in commands)
        {
            var refused = await _tool.Run(["retention", .. command]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains("Specify one with --tenant", refused.Error, StringComparison.Ordinal);
        }
        Assert.Contains("visit-1", (await _tool.RunOk("streams")).Output, StringComparison.Ordinal);
        var undeclared = await _tool.Run("retention", "plan", "--tenant", "acme");
        Assert.Contains("no application has recorded its policies", undeclared.Error, StringComparison.Ordinal);
    }

    /// <summary>Runs the policies, and returns the files of the run in their order.</summary>
    private async Task<string[]> GivenArchives()
    {
        await _tool.RunOk("retention", "run", "--id", "run-1", "--archive", _folder.FullName);
        return [.. _folder.GetFiles().Select(file => file.FullName).Order(StringComparer.Ordinal)];
    }

    /// <summary>Returns what identifies an exported event, except its position.</summary>
    private static string IdentityOf(string line)
    {
        using var json = System.Text.Json.JsonDocument.Parse(line);
        return string.Join(' ', ((string[])["id", "subject", "millraceversion", "type", "time", "data"])
            .Select(name => json.RootElement.GetProperty(name).ToString()));
    }

    private static string LinesOf(string file)
    {
        using var content = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        return reader.ReadToEnd();
    }
}
