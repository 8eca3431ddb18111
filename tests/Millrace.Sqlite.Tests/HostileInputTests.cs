
namespace Millrace.Sqlite.Tests;

/// <summary>Whatever the bytes of an event are, an SQLite file keeps them, and every promise
/// still holds on it.</summary>
public sealed class HostileInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task Bytes_of_every_kind_are_kept_as_they_are() => KeepsAll(HostileFiles.Own);

    [SharedFilesFact]
    public Task Every_shared_file_is_kept_as_it_is() => KeepsAll(HostileFiles.Shared!); // Not run where there are none.

    private async Task KeepsAll(IReadOnlyList<string> files)
    {
        await using (var store = await Open())
        {
            await HostileRoundTrip.Append(store, files);

            await HostileRoundTrip.AssertKept(store, files);
        }

        await using var again = await Open();
        await HostileRoundTrip.AssertKept(again, files);
        Assert.True((await again.Verify()).IsSound);
    }

    private async Task<EventStore> Open() =>
        await EventStore.Open(new SqliteStorage(_directory["shop.db"]), EventTypeMap.Empty, HostileRoundTrip.Options);
}
