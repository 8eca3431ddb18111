using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Millrace.Tests.Materializing;

/// <summary>A row of the test view: the ships with the same initial.</summary>
public sealed record Fleet(string Initial, [property: Indexed] int Ships, [Indexed] long Crates);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Fleet))]
internal sealed partial class FleetJson : JsonSerializerContext;

/// <summary>Groups the ships of the harbour by their initial. Tests can delay and fail its query.</summary>
internal sealed class FleetView(ViewRefresh refresh, int version = 1, string name = "fleets")
    : MaterializedView<string, Fleet>(name, version)
{
    private int _computations;

    public int Computations => Volatile.Read(ref _computations);

    /// <summary>Gets or sets what the query does before its first row.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    protected internal override ViewRefresh Refresh => refresh;

    protected internal override string Key(Fleet row) => row.Initial;

    protected internal override async IAsyncEnumerable<Fleet> Rows(
        IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _computations);
        await Before(cancellationToken);
        var fleets = new SortedDictionary<string, Fleet>(StringComparer.Ordinal);
        await foreach (var cargo in source.Documents<string, Cargo>(null, cancellationToken))
        {
            var initial = cargo.Ship[..1];
            var fleet = fleets.GetValueOrDefault(initial) ?? new Fleet(initial, 0, 0);
            fleets[initial] = fleet with { Ships = fleet.Ships + 1, Crates = fleet.Crates + cargo.Crates };
        }
        foreach (var fleet in fleets.Values)
            yield return fleet;
    }
}

/// <summary>The same view from the log, with another declaration.</summary>
internal sealed class LoggedFleetView(ViewRefresh refresh) : MaterializedView<string, Fleet>("fleets")
{
    protected internal override ViewRefresh Refresh => refresh;

    protected internal override string Key(Fleet row) => row.Initial;

    protected internal override async IAsyncEnumerable<Fleet> Rows(
        IViewSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var loaded = 0L;
        await foreach (var recorded in source.Events(EventFilter.OfTypes("ship.loaded"), cancellationToken))
            loaded += ((Loaded)recorded.Data).Crates;
        yield return new Fleet("all", 0, loaded);
    }
}
