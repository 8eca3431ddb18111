using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

#pragma warning disable MILL0056 // Their handlers are registered by hand, for each type.
namespace Millrace.AspNetCore.Tests.Binding;

/// <summary>Answers with the value that it was given.</summary>
public sealed record Echo<T>(T X) : IQuery<string>;

/// <summary>Answers with the list that it was given.</summary>
public sealed record EchoList<T>(T[] X) : IQuery<string>;

/// <summary>The same as a command, whose value is in the body.</summary>
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

#pragma warning disable CA1708 // That they differ only in case is what is tested.
public enum Grade : short
{
    Low = -1,
    Middle = 0,
    High = 7,
    HIGH = 8,
}
#pragma warning restore CA1708

/// <summary>A model that echoes a value of each type, written by hand with System.Text.Json's own metadata.</summary>
public sealed class EchoModel : IModel
{
    public static void Register(ModelBuilder model)
    {
        EchoTypes.All.Concat(EchoTypes.Lists).ToList().ForEach(type => type.Register(model));
        model.Json(new DefaultJsonTypeInfoResolver());
    }
}

/// <summary>A value as a text that distinguishes what is different.</summary>
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
