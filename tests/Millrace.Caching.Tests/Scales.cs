using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Caching.Tests;

/// <summary>Queries that the generator does not see, and whose answers other nodes cannot read from JSON.</summary>
internal static class Scales
{
    public static void Add(ModelBuilder model) => model
        .Json(ScaleJson.Default)
        .Query(new QueryDefinition<GetScale, Scale>("get-scale", static async (_, context, cancellationToken) =>
            Scale.Of(await Count(context, cancellationToken))))
        .Query(new QueryDefinition<GetCrate, Crate>("get-crate", static async (_, context, cancellationToken) =>
            Crate.Of(await Count(context, cancellationToken))))
        .Query(new QueryDefinition<GetTray, Tray>("get-tray", static async (_, context, cancellationToken) =>
            new Tray { Weight = 1, Places = await Count(context, cancellationToken) }))
        .Query(new QueryDefinition<GetSeal, Seal>("get-seal", static async (_, context, cancellationToken) =>
            new Seal(await Count(context, cancellationToken))));

    private static async ValueTask<int> Count(QueryContext context, CancellationToken cancellationToken)
    {
        var parcels = context.Services.GetRequiredService<IReadModel<string, Parcel>>();
        return (await parcels.Get("1", context, cancellationToken))?.Moves ?? 0;
    }
}

internal sealed record GetScale : IQuery<Scale>;

internal sealed record GetCrate : IQuery<Crate>;

internal sealed record GetTray : IQuery<Tray>;

internal sealed record GetSeal : IQuery<Seal>;

/// <summary>JSON contains the weight, but does not set it.</summary>
internal sealed class Scale
{
    public int Weight { get; private set; }

    public static Scale Of(int weight) => new() { Weight = weight };
}

/// <summary>JSON cannot create it.</summary>
internal sealed class Crate
{
    private Crate()
    {
    }

    public int Weight { get; private init; }

    public static Crate Of(int weight) => new() { Weight = weight };
}

/// <summary>JSON contains only the weight.</summary>
internal sealed class Tray
{
    public int Weight { get; init; }

    internal int Places { get; init; }
}

/// <summary>It cannot be written as JSON.</summary>
internal sealed class Seal(int weight)
{
    [SuppressMessage("Design", "CA1065", Justification = "The test needs it.")]
    public int Weight => throw new InvalidOperationException($"The seal of {weight} is broken.");
}

[JsonSerializable(typeof(GetScale))]
[JsonSerializable(typeof(Scale))]
[JsonSerializable(typeof(GetCrate))]
[JsonSerializable(typeof(Crate))]
[JsonSerializable(typeof(GetTray))]
[JsonSerializable(typeof(Tray))]
[JsonSerializable(typeof(GetSeal))]
[JsonSerializable(typeof(Seal))]
internal sealed partial class ScaleJson : JsonSerializerContext;
