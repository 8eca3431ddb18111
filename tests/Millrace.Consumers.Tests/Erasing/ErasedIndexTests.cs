using Microsoft.Extensions.DependencyInjection;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Tests.Erasing;

/// <summary>Tests that no hash of an erased value remains in an index, and that rebuilds and checks agree.</summary>
public sealed class ErasedIndexTests
{
    private const string Ada = "AdaLovelaceKing18151210";
    private const string Bob = "BobSmithJones19001231";
    private const string Collection = "people@1";
    private const int NameColumn = 1;

    private readonly PeopleKeys _keys = new();

    [Theory]
    [StoreKinds]
    public async Task An_erasure_replaces_the_hashes_of_the_person_only(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()), _keys);
        await GivenPeople(app);
        var before = await Columns(app, NameColumn);

        var info = await PeopleApp.Erase(app.Erasures, "e1", 1);

        Assert.Empty(info.Verified.SelectMany(place => place.Findings.Select(one => $"{place.Name}: {one}")));
        Assert.Equal(ErasureState.Confirmed, info.State);
        var after = await Columns(app, NameColumn);
        Assert.Equal(before["1"], before["3"]); // The same name has the same hash.
        Assert.NotEqual(before["1"], after["1"]);
        Assert.Equal((before["2"], before["3"]), (after["2"], after["3"]));
        Assert.Equal("3", Assert.Single(await Find(app, "name", Ada)));
        Assert.Equal("2", Assert.Single(await Find(app, "name", Bob)));
        Assert.Equal("1", Assert.Single(await Find(app, "name", "[erased]")));
        Assert.Empty(await Find(app, "city", "Ockham Park in Surrey"));
        Assert.Contains(info.Verified, place => place.Method.Contains("Each hash", StringComparison.Ordinal));
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_that_are_written_after_an_erasure_have_the_same_columns(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()), _keys);
        await GivenPeople(app);
        await PeopleApp.Erase(app.Erasures, "e1", 1);
        var projections = app.Services.GetRequiredService<Projections>();
        var erased = await Columns(app, NameColumn);

        var check = await projections.Check(Collection, TestNode.WaitTimeout);
        await projections.Rebuild(Collection);
        await app.Document(1);

        Assert.Empty(check.Differences);
        Assert.Equal(3, check.Compared);
        Assert.Equal(erased, await Columns(app, NameColumn));
        Assert.Empty((await projections.Check(Collection, TestNode.WaitTimeout)).Differences);
    }

    [Fact]
    public async Task A_hash_that_remains_is_a_finding()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        PeopleApp? running = null;
        Document? former = null;
        await using var app = await PeopleApp.Start(
            millrace => millrace.UseStorage(_ => shared.Open()),
            _keys,
            options => options.AfterStep = step =>
            {
                // As another program that writes the former column again.
                if (step == ErasureEvents.CopiesRemoved)
                    Plant(running!, former!).GetAwaiter().GetResult();
            });
        running = app;
        await GivenPeople(app);
        former = (await Stored(app)).Single(document => document.Key == "1");

        var info = await PeopleApp.Erase(app.Erasures, "e1", 1);

        Assert.Equal(ErasureState.Incomplete, info.State);
        Assert.Contains(
            info.Verified.SelectMany(place => place.Findings),
            finding => finding.Contains("hash of an erased value", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_hash_is_a_difference_of_the_read_model()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var app = await PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()), _keys);
        await GivenPeople(app);
        var stored = (await Stored(app)).Single(document => document.Key == "1");
        FieldValue[] columns = [.. stored.Fields!];
        columns[NameColumn] = FieldValue.OfHash("AAAAAAAAAAAAAAAAAAAAAA");
        await Commit(app, stored, stored.Body, columns);

        var check = await app.Services.GetRequiredService<Projections>().Check(Collection, TestNode.WaitTimeout);

        Assert.Contains("'name'", Assert.Single(check.Differences).Problem, StringComparison.Ordinal);
    }

    private static async Task GivenPeople(PeopleApp app)
    {
        await app.Register(1, Ada);
        await app.Register(2, Bob);
        await app.Register(3, Ada);
        await app.Move(1, "Ockham Park in Surrey");
        Assert.Equal(Ada, (await app.Document(1))!.Name);
        Assert.Equal(Ada, (await app.Document(3))!.Name);
    }

    private static async Task<string[]> Find(PeopleApp app, string field, string value)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var people = scope.ServiceProvider.GetRequiredService<IReadModel<string, PersonDocument>>();
        var query = new ReadQuery { Conditions = [new FieldCondition(field, Comparison.Equal, value)] };
        var page = await people.Query(query, (ConsistencyToken?)await app.Store.GetToken());
        return [.. page.Items.Select(person => person.Id)];
    }

    private static async Task<IReadOnlyList<Document>> Stored(PeopleApp app)
    {
        var query = new DocumentQuery { Collection = Collection, WithFields = true };
        return (await app.Store.Stored.Storage.Documents.Query(query, default)).Documents;
    }

    private static async Task<Dictionary<string, string?>> Columns(PeopleApp app, int column)
    {
        var stored = await Stored(app);
        Assert.All(stored, document => Assert.True(document.Fields![column].IsHash));
        return stored.ToDictionary(document => document.Key, document => (string?)document.Fields![column].Value);
    }

    private static async Task Plant(PeopleApp app, Document former)
    {
        var now = (await Stored(app)).Single(document => document.Key == former.Key);
        await Commit(app, now, now.Body, former.Fields!);
    }

    private static async Task Commit(
        PeopleApp app, Document document, ReadOnlyMemory<byte> body, IReadOnlyList<FieldValue> columns)
    {
        var change = new DocumentChange
        {
            Collection = Collection,
            Key = document.Key,
            Body = body,
            Fields = columns,
            Position = document.Position,
        };
        var request = new CommitRequest { Documents = [change], IsAsStored = true };
        var outcome = await app.Store.TryCommit(request, isBackground: true, default);
        Assert.Null(outcome.Refusal);
    }
}
