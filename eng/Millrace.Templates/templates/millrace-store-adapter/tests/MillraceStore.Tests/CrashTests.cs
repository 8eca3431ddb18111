using System.Text;
using Store1Space.Journal;

namespace Store1Space.Tests;

/// <summary>Tests the recovery after a crash during a write, and with a damaged file.</summary>
public sealed class CrashTests : IDisposable
{
    private static readonly StreamId Numbers = new("numbers");

    private readonly string _folder = Directory.CreateTempSubdirectory("Store1Name-").FullName;

    private string Journal => Path.Combine(_folder, "test.journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_torn_last_line_is_removed_and_the_next_append_follows_the_earlier_lines()
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
    public async Task A_partly_written_last_line_is_not_read()
    {
        await Append(3);
        var whole = await File.ReadAllBytesAsync(Journal);
        whole.AsSpan(whole.Length - 40, 20).Clear();
        await File.WriteAllBytesAsync(Journal, whole);

        Assert.Equal(["1", "2"], await Read());
    }

    [Fact]
    public async Task Damage_before_the_last_line_is_reported_and_the_file_stays_unchanged()
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
    public async Task When_a_failed_write_cannot_be_removed_the_storage_closes_in_doubt()
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
    public async Task Only_one_program_at_a_time_can_open_the_journal()
    {
        await using var one = new DatabaseStorage(Journal);
        await one.Open(default);
        await using var other = new DatabaseStorage(Journal);

        var refused = await Assert.ThrowsAsync<StorageException>(async () => await other.Open(default));

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
    }

    /// <summary>Appends events with their numbers as payloads, each in its own commit.</summary>
    private async Task Append(int count)
    {
        await using var storage = new DatabaseStorage(Journal);
        await storage.Open(default);
        for (var remaining = count; remaining > 0; remaining--)
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

    /// <summary>A file on a disk that is unavailable for some writes.</summary>
    private sealed class FailingFile(string path) : JournalFile(path)
    {
        public int Failures { get; set; }

        protected override void Flush()
        {
            if (Failures-- > 0)
                throw new IOException("The disk is unavailable.");
            base.Flush();
        }
    }
}
