using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Materializing;
using Millrace.Materializing.Immediate;
using Millrace.Testing;

namespace Millrace.Tests.Materializing;

/// <summary>A row of a ship that has cargo.</summary>
public sealed record LoadedShip(string Ship, [property: Indexed] int Crates);

/// <summary>A row of the ships with the same initial.</summary>
public sealed record FleetTotal(string Initial, [property: Indexed] long Ships, [property: Indexed] decimal Crates);

/// <summary>A row with a label. The label of a heavy ship contains a character that PostgreSQL refuses.</summary>
public sealed record LabeledShip(string Ship, [property: Indexed] string Label);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadedShip))]
[JsonSerializable(typeof(FleetTotal))]
[JsonSerializable(typeof(LabeledShip))]
internal sealed partial class ImmediateJson : JsonSerializerContext;

/// <summary>The ships with cargo.</summary>
internal sealed class LoadedShips(
    Func<Cargo, Exception?>? failure = null, int version = 1, TimeSpan? firstWait = null)
    : MappedView<string, Cargo, LoadedShip>("loaded-ships", version)
{
    private readonly int _factor = version;

    protected internal override TimeSpan FirstWait => firstWait ?? TestNode.WaitTimeout;

    protected internal override LoadedShip? Map(Cargo document) =>
        failure?.Invoke(document) is { } exception ? throw exception
        : document.Crates > 0 ? new LoadedShip(document.Ship, document.Crates * _factor)
        : null;
}

/// <summary>The number of ships and crates by initial, without ships whose name ends with a star.</summary>
internal sealed class FleetTotals(Func<Cargo, Exception?>? failure = null)
    : GroupedView<string, Cargo, string, FleetTotal>("fleet-totals")
{
    protected internal override TimeSpan FirstWait => TestNode.WaitTimeout;

    public static string InitialOf(Cargo cargo) => Rune.GetRuneAt(cargo.Ship, 0).ToString();

    protected internal override bool Includes(Cargo document) => !document.Ship.EndsWith('*');

    protected internal override string Group(Cargo document) =>
        document.Ship == "none" ? null!
        : failure?.Invoke(document) is { } exception ? throw exception : InitialOf(document);

    protected internal override IReadOnlyList<decimal> Values(Cargo document) => [document.Crates];

    protected internal override FleetTotal Row(string group, GroupTotals totals) =>
        new(group, totals.Count, totals.Sum(0));
}

/// <summary>The ships with their labels.</summary>
internal sealed class LabeledShips() : MappedView<string, Cargo, LabeledShip>("labeled-ships")
{
    protected internal override TimeSpan FirstWait => TestNode.WaitTimeout;

    protected internal override LabeledShip? Map(Cargo document) =>
        new(document.Ship, document.Crates < 100 ? "light" : "heavy\0");
}

/// <summary>A node with the cargo projection, with or without its immediate views.</summary>
internal sealed class ImmediateNode : IAsyncDisposable
{
    private readonly IHost _host;

    private ImmediateNode(IHost host, FaultyStorage storage) => (_host, Storage) = (host, storage);

    /// <summary>Gets the storage of the node.</summary>
    public FaultyStorage Storage { get; }

    /// <summary>Gets or sets the failure of the code of the views for a document.</summary>
    public Func<Cargo, Exception?> Failure { get; set; } = static _ => null;

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public MaterializedViews Views => _host.Services.GetRequiredService<MaterializedViews>();

    public Consumers Consumers => _host.Services.GetRequiredService<Consumers>();

    public Projections Projections => _host.Services.GetRequiredService<Projections>();

    public IReadModel<string, Cargo> Cargo => _host.Services.GetRequiredService<IReadModel<string, Cargo>>();

    public IMaterializedView<string, LoadedShip> Ships =>
        _host.Services.GetRequiredService<IMaterializedView<string, LoadedShip>>();

    public IMaterializedView<string, FleetTotal> Fleets =>
        _host.Services.GetRequiredService<IMaterializedView<string, FleetTotal>>();

    public IMaterializedView<string, LabeledShip> Labels =>
        _host.Services.GetRequiredService<IMaterializedView<string, LabeledShip>>();

    public static async Task<ImmediateNode> Start(
        SharedStore shared,
        bool hasViews = true,
        bool runsConsumers = true,
        int version = 1,
        TimeSpan? firstWait = null,
        FaultyStorage? storage = null,
        Action<ConsumerOptions>? configure = null,
        Action<MillraceBuilder>? add = null)
    {
        storage ??= new FaultyStorage(shared.Open());
        ImmediateNode? node = null;
        Exception? Fail(Cargo cargo) => node?.Failure(cargo);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => storage)
                .AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))
                .ConfigureConsumers(options =>
                {
                    TestNode.UseShortIntervals(options);
                    options.IsEnabled = runsConsumers;
                    configure?.Invoke(options);
                });
            if (hasViews)
                millrace
                    .AddView(new LoadedShips(Fail, version, firstWait), ImmediateJson.Default.LoadedShip)
                    .AddView(new FleetTotals(Fail), ImmediateJson.Default.FleetTotal);
            add?.Invoke(millrace);
        });
        var host = builder.Build();
        node = new ImmediateNode(host, storage);
        await host.StartAsync();
        return node;
    }

    public async Task<ConsistencyToken> Append(string stream, params object[] events) =>
        (await Store.Append(Harbour.StreamOf(stream), ExpectedVersion.Any, events)).Token;

    /// <summary>Returns the records of the views, by the name of the view.</summary>
    public async Task<Dictionary<string, ViewRecord>> Records() =>
        (await new ViewStore(Store).List(CancellationToken.None)).ToDictionary(record => record.Name);

    /// <summary>Returns the key of the record of the first view.</summary>
    public async Task<string> RecordKey() =>
        (await new ViewStore(Store).List(CancellationToken.None)).First(record => record.Name == "loaded-ships").Key;

    /// <summary>Returns the state of the first view for a collection of the read model.</summary>
    public async Task<ImmediateState> State(string source = "cargo@1")
    {
        var views = _host.Services.GetRequiredService<ViewHost>();
        var ships = views.Immediate.All.Single(view => view.View.Name == "loaded-ships");
        var (state, _) = await ships.States.Find(ships.View.KeyOf(source), source, CancellationToken.None);
        return state ?? new();
    }

    /// <summary>Waits until the views answer freshly, and compares them with the documents of the read model.</summary>
    public async Task<IReadOnlyList<Cargo>> RequireRightRows(ConsistencyToken token)
    {
        var ships = await Eventually.Get(
            async () => await Ships.Query(All, token), page => page.State.Problem is null, TestNode.WaitTimeout);
        var fleets = await Eventually.Get(
            async () => await Fleets.Query(All, token), page => page.State.Problem is null, TestNode.WaitTimeout);
        var documents = (await Cargo.Query(All, token)).Items;

        Assert.True(ships.Freshness.IsFresh && fleets.Freshness.IsFresh);
        Assert.True(ships.Reflects.Position >= token.Position && fleets.Reflects.Position >= token.Position);
        Assert.Equal(
            documents.Where(cargo => cargo.Crates > 0).Select(cargo => (cargo.Ship, cargo.Crates)),
            ships.Items.Select(row => (row.Ship, row.Crates)));
        Assert.Equal(
            documents.Where(cargo => !cargo.Ship.EndsWith('*')).GroupBy(FleetTotals.InitialOf)
                .Select(group => new FleetTotal(group.Key, group.Count(), group.Sum(cargo => (decimal)cargo.Crates)))
                .OrderBy(row => row.Initial, StringComparer.Ordinal),
            fleets.Items.OrderBy(row => row.Initial, StringComparer.Ordinal));
        return documents;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static ReadQuery All { get; } = new() { Limit = 1_000 };
}
