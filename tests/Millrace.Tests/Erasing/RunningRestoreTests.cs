using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that an old key store, restored while programs run, revives no erased subject in them.</summary>
public sealed class RunningRestoreTests : IAsyncLifetime
{
    private ErasureSample _sample = null!; // Set by InitializeAsync.

    private SwitchedKeyStore Keys => (SwitchedKeyStore)_sample.Sample.KeyStore;

    public async Task InitializeAsync()
    {
        _sample = await ErasureSample.Create();
        _sample.Sample.KeyStore = new SwitchedKeyStore(_sample.Sample.KeyStore);
        await _sample.Restart();
        await _sample.GivenEvents();
    }

    public async Task DisposeAsync() => await _sample.DisposeAsync();

    [Fact]
    public async Task The_erasing_node_and_another_node_read_erased_values_after_the_restore()
    {
        var other = await _sample.Sample.Open();
        other.Tail.AddReader();
        var round = other.Stored.Round;
        var backup = await Backup();
        await _sample.Erase();
        await Eventually.Until(() => other.Stored.Round > round);

        Keys.Current = backup;

        foreach (var store in (EventStore[])[_sample.Store, other])
        {
            store.Stored.ForgetValues(); // The keys in memory have expired.
            Assert.DoesNotContain(
                ErasureSample.Email, await PayloadOf(store, ErasureSample.Ada), StringComparison.Ordinal);
            Assert.Contains("bob@example.org", await PayloadOf(store, "customer-2"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_that_started_after_the_erasure_reads_erased_values_after_the_restore()
    {
        var backup = await Backup();
        await _sample.Erase();
        await _sample.Restart();

        Keys.Current = backup;
        _sample.Store.Stored.ForgetValues();

        Assert.DoesNotContain(
            ErasureSample.Email, await PayloadOf(_sample.Store, ErasureSample.Ada), StringComparison.Ordinal);
    }

    private async Task<InMemoryKeyStore> Backup()
    {
        var backup = new InMemoryKeyStore();
        foreach (var record in await Keys.List(new KeyQuery { Limit = 1_000 }, default))
            await backup.Add(record, default);
        return backup;
    }

    private static async Task<string> PayloadOf(EventStore store, string stream)
    {
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            return System.Text.Encoding.UTF8.GetString(recorded.Payload.Span);
        return "";
    }
}
