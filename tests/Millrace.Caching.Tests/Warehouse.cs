using System.Collections.Concurrent;

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

    public static Parcel Apply(Parcel? parcel, ParcelMoved moved) =>
        new(moved.Parcel, moved.Place, (parcel?.Moves ?? 0) + 1);
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
}
