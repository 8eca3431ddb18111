using System.Text;
using Store1Space.Journal;

namespace Store1Space.Tests;

/// <summary>What is left when a program ends in the midst of a write, and when a file is damaged.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly StreamId Numbers = new("numbers");

    private readonly string _folder = Directory.CreateTempSubdirectory("Store1Name-").FullName;

    private string Journal => Path.Combine(_folder, "test.journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Wherever_the_last_write_was_torn_all_before_it_is_there_and_the_next_one_goes_behind_it()
    {
        await Append(3);
        var whole = await File.ReadAllBytesAsync(Journal);
        var last = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;

        for (var kept = last; kept < whole.Length; kept++)
        {
            await File.WriteAllBytesAsync(Journal, whole[..kept]);
            Assert.Equal(["1", "2"], await Read());
        }
        await Append(1);

        Assert.Equal(["1", "2", "3"], await Read());
    }

    [Fact]
    public async Task Of_a_last_write_that_is_there_in_part_nothing_is_read()
    {
        await Append(3);
        var whole = await File.ReadAllBytesAsync(Journal);
        whole.AsSpan(whole.Length - 40, 20).Clear();
        await File.WriteAllBytesAsync(Journal, whole);

        Assert.Equal(["1", "2"], await Read());
    }

    [Fact]
    public async Task Damage_that_no_crash_leaves_is_reported_and_nothing_is_cut_off()
    {
        await Append(3);
        var whole = await File.ReadAllBytesAsync(Journal);
        whole[40] ^= 1;
        await File.WriteAllBytesAsync(Journal, whole);

        var refused = await Assert.ThrowsAsync<StorageException>(Read);

        Assert.Equal(StorageProblem.Damaged, refused.Problem);
        Assert.Equal(whole, await File.ReadAllBytesAsync(Journal));
    }

    [Fact]
    public async Task A_write_that_fails_is_neither_on_the_disk_nor_in_memory_and_the_next_one_passes()
    {
        await Append(2);
        FailingFile? file = null;
        await using (
            var storage = new DatabaseStorage(Journal, TimeProvider.System, path => file = new FailingFile(path)))
        {
            await storage.Open(default);
            file!.Failures = 1;

            var failed = await Assert.ThrowsAsync<StorageException>(() => Append(storage, 3));

            Assert.Equal(StorageProblem.Unavailable, failed.Problem);
            Assert.Equal(["1", "2"], await Read(storage));
            await Append(storage, 3);
        }

        Assert.Equal(["1", "2", "3"], await Read());
    }

    [Fact]
    public async Task When_what_a_failed_write_left_cannot_be_cut_off_the_storage_closes_in_doubt()
    {
        await Append(2);
        FailingFile? file = null;
        await using var storage = new DatabaseStorage(
            Journal, TimeProvider.System, path => file = new FailingFile(path));
        await storage.Open(default);
        file!.Failures = 2;

        var failed = await Assert.ThrowsAsync<StorageException>(() => Append(storage, 3));
        var closed = await Assert.ThrowsAsync<StorageException>(() => Read(storage));

        Assert.Equal((StorageProblem.InDoubt, StorageProblem.Closed), (failed.Problem, closed.Problem));
        await storage.Open(default);
        Assert.Equal(["1", "2"], (await Read(storage)).Take(2));
    }

    [Fact]
    public async Task One_program_at_a_time_uses_it()
    {
        await using var one = new DatabaseStorage(Journal);
        await one.Open(default);
        await using var other = new DatabaseStorage(Journal);

        var refused = await Assert.ThrowsAsync<StorageException>(async () => await other.Open(default));

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
    }

    /// <summary>Appends events, each in a commit of its own, with their numbers as payloads.</summary>
    private async Task Append(int count)
    {
        await using var storage = new DatabaseStorage(Journal);
        await storage.Open(default);
        for (var left = count; left > 0; left--)
            await Append(storage, (await Read(storage)).Count + 1);
    }

    private static async Task Append(DatabaseStorage storage, int number)
    {
        var counted = new EncodedEvent
        {
            Id = Guid.CreateVersion7(),
            Type = "number.counted",
            Payload = Encoding.UTF8.GetBytes($"{number}"),
        };
        var request = new CommitRequest
        {
            Appends = [new StreamAppend(Numbers, ExpectedVersion.AsRead(number - 1), [counted])],
        };
        await storage.Log.Commit([request], DateTimeOffset.UtcNow, default);
    }

    private async Task<List<string>> Read()
    {
        await using var storage = new DatabaseStorage(Journal);
        await storage.Open(default);
        return await Read(storage);
    }

    private static async Task<List<string>> Read(DatabaseStorage storage)
    {
        var page = await storage.Log.ReadStream(
            new StreamPageQuery(Numbers, 1, IsBackwards: false, Limit: 100), default);
        return [.. page.Events.Select(recorded => Encoding.UTF8.GetString(recorded.Payload.Span))];
    }

    /// <summary>A file on a disk that is away for some writes.</summary>
    private sealed class FailingFile(string path) : JournalFile(path)
    {
        public int Failures { get; set; }

        protected override void Flush()
        {
            if (Failures-- > 0)
                throw new IOException("The disk is away.");
            base.Flush();
        }
    }
}
