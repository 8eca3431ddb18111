using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.Tests;

public sealed record Loaded(string Ship, int Crates);

public sealed record Unloaded(string Ship, int Crates);

public sealed record Scrapped(string Ship);

public sealed record Inspected(string Ship, string[] Docks);

/// <summary>
/// The cargo of a ship. The number of changes and the last version show whether each event was applied once and in
/// order.
/// </summary>
public sealed record Cargo(string Ship, int Crates, int Changes, long Last);

public sealed record DockLog(string Dock, int Inspections);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Loaded))]
[JsonSerializable(typeof(Unloaded))]
[JsonSerializable(typeof(Scrapped))]
[JsonSerializable(typeof(Inspected))]
[JsonSerializable(typeof(Cargo))]
[JsonSerializable(typeof(DockLog))]
[JsonSerializable(typeof(DockTotal))]
[JsonSerializable(typeof(Berthed))]
[JsonSerializable(typeof(Berth))]
internal sealed partial class HarbourJson : JsonSerializerContext;

/// <summary>A projection with one document per ship. The document is removed when the ship is scrapped.</summary>
public sealed class CargoProjection : Projection<string, Cargo>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        keys.Add(
            recorded.Data switch
            {
                Loaded loaded => loaded.Ship,
                Unloaded unloaded => unloaded.Ship,
                Scrapped scrapped => scrapped.Ship,
                var other => throw new InvalidOperationException($"The projection does not subscribe to: {other}"),
            }
        );

    [MethodImpl(MethodImplOptions.NoInlining)] // A test searches for this method in a stack trace.
    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
    {
        if (recorded.Data is Loaded { Crates: < 0 })
            throw new InvalidOperationException("Nobody can load less than nothing.");
        var before = document ?? new Cargo(key, 0, 0, 0);
        return recorded.Data switch
        {
            Loaded loaded => new Cargo(key, before.Crates + loaded.Crates, before.Changes + 1, recorded.Version),
            Unloaded unloaded => new Cargo(key, before.Crates - unloaded.Crates, before.Changes + 1, recorded.Version),
            _ => null,
        };
    }
}

/// <summary>A projection with one document per dock. An event can change several documents.</summary>
public sealed class DockProjection : Projection<string, DockLog>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        foreach (var dock in ((Inspected)recorded.Data).Docks)
            keys.Add(dock);
    }

    protected internal override DockLog? Fold(string key, DockLog? document, RecordedEvent recorded) =>
        new(key, (document?.Inspections ?? 0) + 1);
}

/// <summary>The hand-written model of these tests.</summary>
internal static class Harbour
{
    public static EventTypeMap Types { get; } = Register(new ModelBuilder()).BuildEventTypes();

    public static ProjectionDefinition<string, Cargo> Cargo(
        ProjectionLifecycle lifecycle =
            ProjectionLifecycle.Asynchronous, int version = 1, Func<Projection<string, Cargo>>? create = null) => new()
            {
                Name = "cargo",
                Version = version,
                Lifecycle = lifecycle,
                Stream = "ship",
                Events = [typeof(Loaded), typeof(Unloaded), typeof(Scrapped)],
                Create = create ?? (static () => new CargoProjection()),
                Document = HarbourJson.Default.Cargo,
                Fields =
            [
                new DocumentField<Cargo>("ship", FieldKind.Text, static cargo => cargo.Ship),
                new DocumentField<Cargo>("crates", FieldKind.Integer, static cargo => cargo.Crates),
            ],
            };

    public static ProjectionDefinition<string, DockLog> Docks() => new()
    {
        Name = "docks",
        Events = [typeof(Inspected)],
        Create = static () => new DockProjection(),
        Document = HarbourJson.Default.DockLog,
    };

    public static StreamId StreamOf(string ship) => StreamId.For("ship", ship);

    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("ship.loaded", 1, HarbourJson.Default.Loaded)
        .Event("ship.unloaded", 1, HarbourJson.Default.Unloaded)
        .Event("ship.scrapped", 1, HarbourJson.Default.Scrapped)
        .Event("ship.inspected", 1, HarbourJson.Default.Inspected)
        .Event("ship.berthed", 1, HarbourJson.Default.Berthed);
}
