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

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // The backup is older than the keys of the person.
    public async Task No_node_exports_or_accepts_data_of_the_person_after_the_restore(bool isOlder)
    {
        var other = await _sample.Sample.Open();
        other.Tail.AddReader();
        var round = other.Stored.Round;
        var backup = isOlder ? new InMemoryKeyStore() : await Backup();
        await _sample.Erase();
        await Eventually.Until(() => other.Stored.Round > round);

        Keys.Current = backup;

        foreach (var store in (EventStore[])[_sample.Store, other])
        {
            store.Stored.ForgetValues(); // The keys in memory have expired.
            var export = await _sample.Create(store).Export(ErasureSample.Ada);
            Assert.DoesNotContain(ErasureSample.Email, export.Html, StringComparison.Ordinal);
            Assert.DoesNotContain(
                ErasureSample.Email, await PayloadOf(store, ErasureSample.Ada), StringComparison.Ordinal);
            var registered = NewEvent.FromBytes(
                "customer.registered", """{"email":"new@example.org","age":36,"phone":"+44 1"}"""u8.ToArray());
            await Assert.ThrowsAsync<SubjectErasedException>(
                () => store.Append(new StreamId(ErasureSample.Ada), ExpectedVersion.Any, [registered]));
            await store.Append(new StreamId("customer-3"), ExpectedVersion.Any, [registered]);
        }
    }

    [Fact]
    public async Task Other_kinds_of_data_are_accepted_after_the_erasure_of_one_kind()
    {
        var backup = await Backup();
        await _sample.Erase("e1", ErasureSample.Ada, "contact");

        Keys.Current = backup;
        _sample.Store.Stored.ForgetValues();

        await Assert.ThrowsAsync<SubjectErasedException>(
            () => _sample.Register(ErasureSample.Ada, "new@example.org"));
        await _sample.Append(ErasureSample.Ada, "customer.registered", """{"email":"new@example.org"}""");
        Assert.Contains(
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
