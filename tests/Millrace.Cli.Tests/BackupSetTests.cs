using Millrace.Sqlite;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool backs up stores to a place, lists and checks the sets, and restores them.</summary>
public sealed class BackupSetTests : IDisposable
{
    private const string Passphrase = "MILLRACE_BACKUP_PASSPHRASE";

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_store_is_restored_as_of_a_position_in_a_new_epoch()
    {
        await Append(1, 3);
        var first = await _tool.RunOk("backup", "backups/", "--json");
        await Append(4, 5);
        var second = await _tool.RunOk("backup", "backups", "--json");

        var restored = await _tool.RunOk(
            "restore", "backups", "restored.db", "--at", "3", "--reason", "wrong import", "--by", "ada", "--yes",
            "--json");

        Assert.Equal((0, 3), (Number(first, "fromPosition"), Number(first, "position")));
        Assert.Equal((3, 5), (Number(second, "fromPosition"), Number(second, "position")));
        Assert.Equal(
            (3, 3, 2, 4),
            (Number(restored, "position"), Number(restored, "events"), Number(restored, "logEpoch"),
                Number(restored, "recordedAt")));
        Assert.Equal(0, (await _tool.Run("read", "order-3", "--store", "restored.db")).ExitCode);
        Assert.Equal(3, (await _tool.Run("read", "order-4", "--store", "restored.db")).ExitCode);
        var record = await _tool.RunOk("read", "$log-epochs", "--store", "restored.db", "--json");
        Assert.Contains("\"by\":\"ada\",\"reason\":\"wrong import\"", record.Output, StringComparison.Ordinal);
        await _tool.RunOk("verify", "--store", "restored.db");
    }

    [Fact]
    public async Task A_restored_store_is_backed_up_to_the_next_set_of_the_place()
    {
        await Append(1, 2);
        await _tool.RunOk("backup", "backups/");
        await _tool.RunOk("restore", "backups", "restored.db", "--yes");

        await Fails("may still be in use", "--continue-backup", "backup", "backups", "--store", "restored.db");
        await _tool.RunOk("backup", "backups", "--store", "shop.db");
        await _tool.RunOk("backup", "backups", "--store", "restored.db", "--continue-backup");
        await _tool.RunOk("backup", "backups", "--store", "restored.db", "--full");
        var sets = await _tool.RunOk("backups", "backups", "--json");
        var shown = await _tool.RunOk("backups", "backups");
        var chosen = await _tool.RunOk("backups", "check", "backups", "--set", "1-1", "--json");
        var newest = await _tool.RunOk("backups", "check", "backups", "--json");

        Assert.Equal(
            [(1L, 1L, 2L), (2, 1, 3), (2, 2, 3)],
            sets.Json.EnumerateArray().Select(set => (
                set.GetProperty("epoch").GetInt64(),
                set.GetProperty("generation").GetInt64(),
                set.GetProperty("lastPosition").GetInt64())));
        Assert.Equal(
            [2L, 3, 3],
            sets.Json.EnumerateArray().Select(set => set.GetProperty("restorablePosition").GetInt64()));
        Assert.Contains(sets.Json[0].GetProperty("set").GetString()!, shown.Output, StringComparison.Ordinal);
        Assert.Equal((2, 3), (Number(chosen, "position"), Number(newest, "position")));
        Assert.EndsWith("/2-2", newest.Json.GetProperty("set").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_that_the_newest_set_does_not_permit_names_the_older_one()
    {
        await Append(1, 2);
        await _tool.RunOk("backup", "backups/");
        await Append(3, 4);
        await _tool.RunOk("backup", "backups/");
        await _tool.RunOk("restore", "backups", "restored.db", "--at", "2", "--yes");
        await _tool.RunOk("backup", "backups", "--store", "restored.db", "--continue-backup");

        await Fails("Set 1-1 can restore it", "--set 1-1", "restore", "backups", "early.db", "--at", "2", "--yes");
        await Fails("Set 1-1 can restore it", "--set 1-1", "restore", "backups", "late.db", "--at", "4", "--yes");
        await Fails(
            "Other sets of this store: 1-1 (up to position 4)", "--set", "restore", "backups", "none.db", "--at", "9",
            "--yes");
        await Fails("no backup set '7-7'", "1-1", "restore", "backups", "none.db", "--set", "7-7", "--yes");
        await _tool.RunOk("restore", "backups", "early.db", "--at", "2", "--set", "1-1", "--yes");
    }

    [Fact]
    public async Task A_name_without_an_extension_is_a_place()
    {
        await Append(1, 2);

        await Fails("applies to a place", "copy.db/ --retention", "backup", "copy.db", "--retention", "30d");
        await _tool.RunOk("backup", "nightly");
        await _tool.RunOk("backup", "copy.db");

        Assert.NotEmpty(Directory.GetFiles(_tool.File("nightly"), "*.mrbk", SearchOption.AllDirectories));
        await _tool.RunOk("verify", "--store", "copy.db");
    }

    [Fact]
    public async Task A_retention_removes_old_sets_and_copies_of_tables()
    {
        await Append(1, 2);
        var place = new DirectoryObjectStorage(Directory.CreateDirectory(_tool.File("backups")).FullName);
        foreach (var (days, isFull) in new[] { (90, false), (80, true), (70, false) })
        {
            await using var storage = new SqliteStorage(_tool.File("shop.db"));
            await storage.Open(default);
            var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow().AddDays(-days));
            await new StoreBackup(storage, place, time: time).Run(isFull);
        }

        await Fails("not an age of at least 1 hour", "", "backup", "backups", "--retention", "5m");
        await Fails("at most 36500d", "", "backup", "backups", "--retention", "999999999h");
        await _tool.RunOk("backup", "backups", "--retention", "85d");
        var kept = await _tool.RunOk("backups", "backups", "--json");
        await _tool.RunOk("backup", "backups", "--retention", "30d");
        var sets = await _tool.RunOk("backups", "backups", "--json");
        await _tool.RunOk("backups", "check", "backups");

        Assert.Equal(2, kept.Json.GetArrayLength());
        var set = Assert.Single(sets.Json.EnumerateArray());
        Assert.Equal(2, set.GetProperty("generation").GetInt64());
        // The last one before the age, and those of the two backups with a retention.
        Assert.Equal(3, set.GetProperty("tableCopies").GetArrayLength());
    }

    [Fact]
    public async Task A_time_can_have_any_time_zone()
    {
        await Append(1, 1);
        await _tool.RunOk("backup", "backups/");
        var time = (await _tool.RunOk("read", "order-1", "--json")).Json.GetProperty("timestamp").GetDateTimeOffset();
        await Append(2, 2);
        await _tool.RunOk("backup", "backups");

        var restored = await _tool.RunOk(
            "restore", "backups", "restored.db", "--yes", "--json", "--at",
            $"{time.ToOffset(TimeSpan.FromHours(9)):O}");

        Assert.Equal(1, Number(restored, "position"));
    }

    [Fact]
    public async Task An_encrypted_backup_needs_its_passphrase()
    {
        await Append(1, 1);
        _tool.FurtherVariables[Passphrase] = "correct horse battery";
        await _tool.RunOk("backup", "backups/");
        await _tool.RunOk("restore", "backups", "restored.db", "--yes");

        _tool.FurtherVariables[Passphrase] = "";
        await Fails("no passphrase was given", Passphrase, "restore", "backups", "other.db", "--yes");
        _tool.FurtherVariables[Passphrase] = "another passphrase";
        await Fails("another passphrase", Passphrase, "backups", "check", "backups");
        await Fails("another passphrase", Passphrase, "backup", "backups", "--store", "shop.db");
        _tool.FurtherVariables[Passphrase] = "short";
        await Fails("at least 12 characters", "", "backup", "backups", "--store", "shop.db");
    }

    [Fact]
    public async Task A_refused_restore_says_what_can_be_restored_and_changes_nothing()
    {
        await Append(1, 3);
        await _tool.RunOk("backup", "backups/");
        await Append(4, 5);
        await _tool.RunOk("backup", "backups/");
        Directory.CreateDirectory(_tool.File("empty"));

        await Fails("is not empty", "restore to an empty", "restore", "backups", "shop.db", "--yes");
        await Fails("last position is 5", "", "restore", "backups", "r.db", "--at", "6", "--yes");
        await Fails("cannot restore position 4", "3, 5", "restore", "backups", "r.db", "--at", "4", "--yes");
        await Fails("neither a position nor a time", "1042", "restore", "backups", "r.db", "--at", "soon", "--yes");
        await Fails("no backup set '7-1'", "/1-1", "restore", "backups", "r.db", "--set", "7-1", "--yes");
        await Fails("contains no backup", "millrace backup", "restore", "empty", "r.db", "--yes");
        await Fails("does not exist", "mount its disk", "backups", "check", "none");
        await Fails("is a file", "begin-log-epoch", "restore", "shop.db", "r.db", "--yes");
        await Fails("This would restore set", "--yes", "restore", "backups", "r.db");
        await Fails("--full applies to a place", "copy.db/", "backup", "copy.db", "--full");
        Assert.False(File.Exists(_tool.File("r.db")));
    }

    [Fact]
    public async Task A_place_with_several_stores_needs_a_choice()
    {
        await Append(1, 1);
        await _tool.RunOk("backup", "backups/");
        await _tool.RunOk("append", "order-1", "--create", "--store", "b.db", "--type", "order.noted", "--data", "1");
        var other = await _tool.RunOk("backup", "backups", "--store", "b.db", "--json");
        var set = other.Json.GetProperty("set").GetString()!;

        await Fails("several stores", set, "restore", "backups", "restored.db", "--yes");
        var restored = await _tool.RunOk("restore", "backups", "restored.db", "--set", set, "--yes", "--json");

        Assert.Equal(set, restored.Json.GetProperty("set").GetString());
    }

    [Fact]
    public async Task A_damaged_or_missing_object_is_named()
    {
        await Append(1, 2);
        await _tool.RunOk("backup", "backups/");
        await Append(3, 3);
        await _tool.RunOk("backup", "backups/");
        var parts = Parts();
        var content = await File.ReadAllBytesAsync(parts[0]);
        content[^40] ^= 1;
        await File.WriteAllBytesAsync(parts[0], content);

        var damagedFirst = await _tool.Run("backups", "check", "backups", "--json");
        await Fails("its checksum differs", Path.GetFileName(parts[0]), "restore", "backups", "r.db", "--yes");
        File.Delete(parts[0]);
        await Fails("lacks the log from position 1 to 2", "another set", "restore", "backups", "r.db", "--yes");

        Assert.Equal(5, damagedFirst.ExitCode);
        Assert.EndsWith(
            Path.GetFileName(parts[0]),
            damagedFirst.Json.GetProperty("damagedObjects")[0].GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_is_restored_as_of_the_last_position_before_a_missing_object()
    {
        for (var n = 1; n <= 3; n++)
        {
            await Append(n, n);
            await _tool.RunOk("backup", "backups/");
        }
        File.Delete(Parts()[1]);

        var restored = await _tool.RunOk("restore", "backups", "restored.db", "--yes");

        Assert.Contains("up to position 1", restored.Output, StringComparison.Ordinal);
        Assert.Contains("Positions 2 to 3 of the backup cannot be restored", restored.Error, StringComparison.Ordinal);
    }

    /// <summary>Returns the files with parts of the log, oldest first.</summary>
    private List<string> Parts() =>
        [.. Directory.GetFiles(_tool.File("backups"), "*.mrbk", SearchOption.AllDirectories)
            .Where(file => file.Contains("/log/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    private async Task Append(int first, int last)
    {
        await using var store = await StoreFile.Open(_tool.Store);
        for (var n = first; n <= last; n++)
            await store.Append(new StreamId($"order-{n}"), ExpectedVersion.Any, [StoreFile.Event("order.noted", "1")]);
    }

    private async Task Fails(string problem, string advice, params string[] call)
    {
        var run = await _tool.Run([.. call, "--json"]);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.Contains(advice, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
    }

    private static long Number(ToolRun run, string member) => run.Json.GetProperty(member).GetInt64();
}
