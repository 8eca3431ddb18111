using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

#pragma warning disable MILL0056 // The model registers their handlers manually for each type.
namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>A query that returns its value.</summary>
public sealed record Echo<T>(T X) : IQuery<string>;

/// <summary>A query that returns its list.</summary>
public sealed record EchoList<T>(T[] X) : IQuery<string>;

/// <summary>A command that returns its value, which is in the body.</summary>
public sealed record EchoBody<T>(T X) : ICommand<string>;

[Id<string>]
public readonly partial record struct Sku;

[Id<long>]
public readonly partial record struct TicketNumber;

[Id<Guid>]
public readonly partial record struct ParcelId;

[Value<decimal>]
public readonly partial record struct Price
{
    private static string? Problem(decimal value) => value < 0 ? "it is negative" : null;
}

[Flags]
public enum Access : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    All = 3,
}

#pragma warning disable CA1708 // The tests cover names that differ only in case.
public enum Grade : short
{
    Low = -1,
    Middle = 0,
    High = 7,
    HIGH = 8,
}
#pragma warning restore CA1708

/// <summary>A handwritten model that returns a value of each type, with the metadata of System.Text.Json.</summary>
public sealed class EchoModel : IModel
{
    public static void Register(ModelBuilder model)
    {
        EchoTypes.All.Concat(EchoTypes.Lists).ToList().ForEach(type => type.Register(model));
        model.Json(new DefaultJsonTypeInfoResolver());
    }
}

/// <summary>Formats a value so that different values have different texts.</summary>
public static class EchoText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"<{JsonSerializer.Serialize(text)}>",
        DateTime time => $"{time.ToString("O", Invariant)} {time.Kind}",
        DateTimeOffset time => time.ToString("O", Invariant),
        TimeOnly time => time.ToString("O", Invariant),
        Uri uri => $"<{JsonSerializer.Serialize(uri.OriginalString)}>",
        System.Collections.IEnumerable items => $"[{string.Join('|', items.Cast<object?>().Select(Of))}]",
        IFormattable number => $"<{number.ToString(null, Invariant)}>",
        _ => $"<{value}>",
    };
}
