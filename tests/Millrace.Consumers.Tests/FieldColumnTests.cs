using Millrace.Projecting;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>
/// Tests of the columns of a read model. A check compares the columns with the documents. A changed coding recreates
/// the columns.
/// </summary>
public sealed class FieldColumnTests : IDisposable
{
    private const string Cargo = "cargo@1";

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(true, "ada", 2)]
    [InlineData(true, "Ada", 1)]
    [InlineData(true, null, 1)]
    [InlineData(false, "ada", 2)]
    [InlineData(false, "Ada", 1)]
    [InlineData(false, null, 1)]
    public async Task A_check_reports_a_column_that_differs_from_its_document(bool isSqlite, string? ship, int crates)
    {
        var storage = isSqlite ? _file.Open() : (IStorage)new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("bea", new Loaded("bea", 1));
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, IsHere: true });
        Assert.True((await node.Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
        var document = Assert.IsType<Document>(await storage.Documents.Get(Cargo, "ada", default));
        var change = new DocumentChange
        {
            Collection = Cargo,
            Key = "ada",
            Body = document.Body,
            Position = document.Position,
            Fields = [ship, crates],
        };
        var written = await storage.Log.Commit(
            [new CommitRequest { Documents = [change] }],
            DateTimeOffset.UtcNow,
            default);
        Assert.Equal(CommitResult.Committed, written[0].Result);

        var check = await node.Projections.Check(Cargo, TestNode.WaitTimeout);

        var difference = Assert.Single(check.Differences);
        Assert.Equal("ada", difference.Key);
        Assert.Contains(ship == "ada" ? "'crates'" : "'ship'", difference.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_model_with_an_older_column_coding_is_rebuilt_automatically()
    {
        await using (var older = await TestNode.Start(
            _file.Open(), host => TestNode.Add(host, OfCrates(FieldNumbers.PlainReal, cargo => (double)cargo.Crates))))
        {
            await older.Append("ada", new Loaded("ada", 1));
            await older.WaitUntil(Cargo, status => status is { LagEvents: 0, IsHere: true });
        }
        var definition = OfCrates(FieldKind.Real, cargo => cargo.Crates == 1 ? double.NaN : cargo.Crates);
        await using var node = await TestNode.Start(_file.Open(), host => TestNode.Add(host, definition));
        var token = await node.Append("bea", new Loaded("bea", 5));

        var model = definition.CreateReadModel(node.Host);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, IsHere: true });
        var found = await model.Query(
            new ReadQuery { Conditions = [new FieldCondition("crates", Comparison.Less, 3)] }, new ReadAfter(token));

        Assert.Equal("ada", Assert.Single(found.Items).Ship);
        Assert.True((await new Projections(node.Host, [definition]).Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    [Fact]
    public void A_field_with_values_of_another_kind_is_reported_with_that_kind()
    {
        var definition = OfCrates(FieldKind.Integer, cargo => DateTimeOffset.UnixEpoch.AddTicks(cargo.Crates));
        var format = new DocumentFormat<string, Cargo>(definition);

        var refused = Assert.Throws<InvalidOperationException>(() => format.Fields(new Cargo("ada", 1, 1, 1)));

        Assert.Contains("'crates' of 'cargo'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("FieldKind.Ticks", refused.Message, StringComparison.Ordinal);
    }

    private static ProjectionDefinition<string, Cargo> OfCrates(FieldKind kind, Func<Cargo, FieldValue> get) => new()
    {
        Name = "cargo",
        Stream = "ship",
        Events = [typeof(Loaded), typeof(Unloaded), typeof(Scrapped)],
        Create = static () => new CargoProjection(),
        Document = HarbourJson.Default.Cargo,
        Fields = [new DocumentField<Cargo>("crates", kind, get)],
    };
}
