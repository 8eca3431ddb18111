using Millrace;
using Millrace.Storage;

namespace Store1Space.Tests;

/// <summary>What is left when a program ends in the midst of a write, and when a file is damaged.</summary>
public sealed class CrashTests : IDisposable
{
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
    public async Task Damage_that_no_crash_leaves_is_told_and_nothing_is_cut_off()
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
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        for (var i = 0; i < count; i++)
        {
            var number = await store.Count(EventFilter.All) + 1;
            var counted = NewEvent.FromBytes("number.counted", System.Text.Encoding.UTF8.GetBytes($"{number}"));
            await store.Append(new StreamId("numbers"), ExpectedVersion.AsRead(number - 1), [counted]);
        }
    }

    private async Task<List<string>> Read()
    {
        await using var storage = new DatabaseStorage(Journal);
        await storage.Open(default);
        var page = await storage.Log.ReadStream(new StreamPageQuery(new StreamId("numbers"), 1, IsBackwards: false, Limit: 100), default);
        return [.. page.Events.Select(recorded => System.Text.Encoding.UTF8.GetString(recorded.Payload.Span))];
    }
}
