
namespace Millrace.Sqlite.Tests;

/// <summary>Tests that an SQLite file stores events with any bytes unchanged and remains sound.</summary>
public sealed class HostileInputTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task Any_bytes_are_stored_unchanged() => AssertAllStoredUnchanged(HostileFiles.Own);

    [SharedFilesFact]
    public Task Any_bytes_of_the_shared_files_are_stored_unchanged() =>
        AssertAllStoredUnchanged(HostileFiles.Shared!); // The attribute skips the test if the files are missing.

    private async Task AssertAllStoredUnchanged(IReadOnlyList<string> files)
    {
        await using (var store = await Open())
        {
            await HostileRoundTrip.Append(store, files);

            await HostileRoundTrip.AssertKept(store, files);
        }

        await using var reopened = await Open();
        await HostileRoundTrip.AssertKept(reopened, files);
        Assert.True((await reopened.Verify()).IsSound);
    }

    private async Task<EventStore> Open() =>
        await EventStore.Open(new SqliteStorage(_directory["shop.db"]), EventTypeMap.Empty, HostileRoundTrip.Options);
}
