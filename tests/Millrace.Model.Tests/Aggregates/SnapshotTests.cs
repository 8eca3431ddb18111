using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Aggregates;
using Millrace.Storage;

namespace Millrace.Model.Tests.Aggregates;

public sealed class SnapshotTests
{
    [Fact]
    public async Task A_long_stream_is_loaded_from_its_snapshot()
    {
        await using var host = await BankHost.Start();
        var account = await OpenAccountWithEvents(host, events: 25);

        var loaded = await host.Aggregates.Load<Account, Guid>(account);

        Assert.Equal((25, 24), (loaded.Version, loaded.Balance));
        Assert.InRange(loaded.Evolved, 1, 10);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1,"version":20}""")]
    [InlineData("""{"schemaVersion":1,"version":20,"state":null}""")]
    [InlineData("""{"schemaVersion":1,"version":20,"state":{"balance":"many"}}""")]
    [InlineData("""{"schemaVersion":2,"version":20,"state":{"owner":"Eve","balance":7}}""")]
    [InlineData("""{"schemaVersion":1,"version":99,"state":{"owner":"Eve","balance":7}}""")]
    public async Task An_unusable_snapshot_is_ignored_and_all_events_are_replayed(string body)
    {
        await using var host = await BankHost.Start();
        var account = await OpenAccountWithEvents(host, events: 25);
        await Write(host, account, body);

        var loaded = await host.Aggregates.Load<Account, Guid>(account);

        Assert.Equal((25, 24L, "Ada"), (loaded.Version, loaded.Balance, loaded.Owner));
        Assert.Equal(25, loaded.Evolved);
    }

    [Fact]
    public async Task The_snapshot_of_a_deleted_stream_is_not_used_for_its_successor()
    {
        await using var host = await BankHost.Start();
        var account = await OpenAccountWithEvents(host, events: 25);
        await host.Store.Delete(StreamId.For("account", account), ExpectedVersion.Any, "asked for");

        await Assert.ThrowsAsync<AggregateNotFoundException>(async () =>
            await host.Aggregates.Load<Account, Guid>(account));
        await host.Commands.Send(new OpenAccount(account, "Bob"));
        await host.Commands.Send(new Deposit(account, 3));
        var loaded = await host.Aggregates.Load<Account, Guid>(account);

        Assert.Equal((27, 3L, "Bob"), (loaded.Version, loaded.Balance, loaded.Owner));
    }

    [Fact]
    public async Task A_snapshot_replaces_truncated_events()
    {
        await using var host = await BankHost.Start();
        var account = await OpenAccountWithEvents(host, events: 25);
        var stream = StreamId.For("account", account);
        var document = await host.Storage.Documents.Get(SnapshotStore.Collection, stream.Value, CancellationToken.None);
        var snapshotVersion = System.Text.Json.JsonElement.Parse(document!.Body.Span).GetProperty("version").GetInt64();

        await host.Store.Truncate(stream, snapshotVersion + 1, "too long");
        var loaded = await host.Aggregates.Load<Account, Guid>(account);

        Assert.Equal((25, 24L, "Ada"), (loaded.Version, loaded.Balance, loaded.Owner));
    }

    /// <summary>
    /// After any deposits, an account loaded from its snapshot equals an account replayed from all events.
    /// </summary>
    [Fact]
    public void Loading_from_a_snapshot_equals_replaying_all_events() => Prop.ForAll(
        Gen.Choose(1, 9).NonEmptyListOf().ToArbitrary(),
        amounts => SnapshotEqualsReplay([.. amounts]).GetAwaiter().GetResult())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    private static async Task<bool> SnapshotEqualsReplay(int[] amounts)
    {
        await using var host = await BankHost.Start(millrace =>
            millrace.ConfigureCommands(options => options.CachedAggregates = 0));
        var account = await host.Open();
        foreach (var amount in amounts)
            await host.Commands.Send(amount % 3 == 0 ? new Deposit(account, amount) : new Deposit(account, 1));
        var replayed = new Account();
        await foreach (var recorded in host.Store.ReadStream(StreamId.For("account", account)))
            replayed.Load(recorded.Data, recorded.Version);
        var loaded = await host.Aggregates.Load<Account, Guid>(account);
        return (replayed.Balance, replayed.Owner, replayed.Version) == (loaded.Balance, loaded.Owner, loaded.Version);
    }

    private static async Task<Guid> OpenAccountWithEvents(BankHost host, int events)
    {
        var account = await host.Open();
        for (var i = 1; i < events; i++)
            await host.Commands.Send(new Deposit(account, 1));
        return account;
    }

    private static Task<CommitOutcome> Write(BankHost host, Guid account, string body) => host.Store.Commit(
        new CommitRequest
        {
            Documents =
            [
                new DocumentChange
                {
                    Collection = SnapshotStore.Collection,
                    Key = StreamId.For("account", account).Value,
                    Body = Encoding.UTF8.GetBytes(body),
                },
            ],
        },
        isBackground: false,
        CancellationToken.None);
}
