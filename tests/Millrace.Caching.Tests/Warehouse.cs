using System.Collections.Concurrent;
using System.Text.Json.Serialization;

namespace Millrace.Caching.Tests;

[Model]
public sealed partial class Warehouse;

[Event("parcel.moved")]
public sealed record ParcelMoved(string Parcel, string Place);

[Event("recipient.named")]
public sealed record RecipientNamed(
    string Parcel, [PersonalData(Subject = nameof(Parcel), SubjectType = "recipient")] string Name);

[Event("warehouse.closed")]
public sealed record WarehouseClosed(string Reason);

/// <summary>A parcel with the number of its moves.</summary>
public sealed record Parcel(string Id, [property: Indexed] string Place, int Moves);

/// <summary>The recipient of a parcel.</summary>
public sealed record Recipient(
    string Parcel, [PersonalData(Subject = nameof(Parcel), SubjectType = "recipient")] string Name);

[Projection("parcels", Version = 1)]
public sealed partial class ParcelProjection : Projection<string, Parcel>
{
    public static string Key(ParcelMoved moved) => moved.Parcel;

    /// <summary>Gets places that a corrected projection replaces.</summary>
    public static ConcurrentDictionary<string, string> Corrections { get; } = new();

    public static Parcel Apply(Parcel? parcel, ParcelMoved moved) =>
        new(moved.Parcel, Corrections.GetValueOrDefault(moved.Place, moved.Place), (parcel?.Moves ?? 0) + 1);
}

/// <summary>The last place of a parcel, which is read from its stream.</summary>
public sealed record Label(string Parcel, string Place);

[Projection("labels", Lifecycle = ProjectionLifecycle.Live, Stream = "parcel")]
public sealed partial class LabelProjection : Projection<string, Label>
{
    public static string Key(ParcelMoved moved) => moved.Parcel;

    public static Label Apply(Label? label, ParcelMoved moved) => new(moved.Parcel, moved.Place);
}

[Projection("recipients", Version = 1)]
public sealed partial class RecipientProjection : Projection<string, Recipient>
{
    public static string Key(RecipientNamed named) => named.Parcel;

    public static Recipient Apply(Recipient? recipient, RecipientNamed named) => new(named.Parcel, named.Name);
}

public sealed record GetParcel(string Id) : IQuery<Parcel?>;

public sealed record CountParcels(string Place) : IQuery<ParcelCount>;

public sealed record ParcelCount(long Parcels);

public sealed record GetRecipient(string Parcel) : IQuery<string?>;

public sealed record GetPlace(string Parcel) : IQuery<string?>;

public sealed record GetLabel(string Parcel) : IQuery<Label?>;

public sealed record CountMoves(string Parcel) : IQuery<ParcelCount>;

public sealed record ReadRecipient(string Parcel) : IQuery<string?>;

public sealed record GetOwnParcel(string Parcel) : IQuery<string?>
{
    /// <summary>Gets the customer, which the server sets.</summary>
    [JsonIgnore]
    public string? Customer { get; init; }
}

/// <summary>The number of calls of the handlers, and what they wait for.</summary>
public sealed class HandlerCalls
{
    private readonly ConcurrentDictionary<object, int> _calls = new();

    /// <summary>Gets or sets what handlers do between the read and the answer.</summary>
    public Func<Task> BeforeAnswer { get; set; } = static () => Task.CompletedTask;

    public int Of(object query) => _calls.GetValueOrDefault(query);

    public void Add(object query) => _calls.AddOrUpdate(query, 1, static (_, calls) => calls + 1);
}

public static class WarehouseQueries
{
    public static async Task<Parcel?> Handle(
        GetParcel query, IReadModel<string, Parcel> parcels, QueryContext context, HandlerCalls calls,
        CancellationToken cancellationToken)
    {
        calls.Add(query);
        var parcel = await parcels.Get(query.Id, context, cancellationToken);
        await calls.BeforeAnswer();
        return parcel;
    }

    public static async Task<ParcelCount> Handle(
        CountParcels query, IReadModel<string, Parcel> parcels, QueryContext context, HandlerCalls calls,
        CancellationToken cancellationToken)
    {
        calls.Add(query);
        var condition = new Storage.FieldCondition("place", Storage.Comparison.Equal, query.Place);
        return new ParcelCount(await parcels.Count([condition], context, cancellationToken));
    }

    public static async Task<string?> Handle(
        GetRecipient query, IReadModel<string, Recipient> recipients, QueryContext context, HandlerCalls calls,
        CancellationToken cancellationToken)
    {
        calls.Add(query);
        return (await recipients.Get(query.Parcel, context, cancellationToken))?.Name;
    }

    /// <summary>Reads without the context, so that the position of the answer is unknown.</summary>
    public static async Task<string?> Handle(
        GetPlace query, IReadModel<string, Parcel> parcels, HandlerCalls calls, CancellationToken cancellationToken)
    {
        calls.Add(query);
        return (await parcels.Get(query.Parcel, default, cancellationToken)).Value?.Place;
    }

    public static async Task<Label?> Handle(
        GetLabel query, IReadModel<string, Label> labels, QueryContext context, CancellationToken cancellationToken) =>
        await labels.Get(query.Parcel, context, cancellationToken);

    /// <summary>Reads personal data from the stream, which the types of query and answer do not show.</summary>
    public static async Task<string?> Handle(
        ReadRecipient query, EventStore store, QueryContext context, CancellationToken cancellationToken)
    {
        context.RecordPosition(await store.GetToken(cancellationToken));
        var named = store.ReadStream(new StreamId("recipient-" + query.Parcel), 1, cancellationToken);
        return ((RecipientNamed?)(await named.LastOrDefaultAsync(cancellationToken))?.Data)?.Name;
    }

    public static async Task<string?> Handle(
        GetOwnParcel query, IReadModel<string, Parcel> parcels, QueryContext context,
        CancellationToken cancellationToken) =>
        query.Customer + (await parcels.Get(query.Parcel, context, cancellationToken))?.Place;

    /// <summary>Reads the stream, and records the position.</summary>
    public static async Task<ParcelCount> Handle(
        CountMoves query, EventStore store, QueryContext context, CancellationToken cancellationToken)
    {
        context.RecordPosition(await store.GetToken(cancellationToken));
        var moves = store.ReadStream(new StreamId("parcel-" + query.Parcel), 1, cancellationToken);
        return new ParcelCount(await moves.CountAsync(cancellationToken));
    }
}
